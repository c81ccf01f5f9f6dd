"""Any name that somebody may give a file, as one that is safe to show and to save."""

import re
import unicodedata

from app.attachments.models import LONGEST_NAME

NAMELESS = "file"
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_LONGEST_EXTENSION = 20


def safe_name(given: str) -> str:
    """The last part of the path, without what hides, turns or breaks text; too long a name keeps its ending."""
    last = re.split(r"[/\\]", given)[-1]
    kept = "".join(one for one in unicodedata.normalize("NFC", last) if unicodedata.category(one)[0] != "C")
    name = " ".join(re.sub(r'[<>:"|?*\u2028\u2029]', "_", kept).split()).strip(". ")
    if not name:
        return NAMELESS
    return shortened(f"_{name}" if _RESERVED.fullmatch(name) else name)


def shortened(name: str) -> str:
    """By bytes, since that is what a file system counts."""
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = dot + extension if stem and len(extension.encode()) <= _LONGEST_EXTENSION else ""
    room = LONGEST_NAME - len(ending.encode())
    return (stem if ending else name).encode()[:room].decode("utf-8", "ignore") + ending
