"""What a file is, by its bytes; what its sender calls it is not believed."""

import puremagic

HEAD = 4096
UNKNOWN = "application/octet-stream"
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
"""What a browser may show in place: raster images and PDF. Nothing that can hold a script of this site."""
IMAGES = INLINE - {"application/pdf"}
_RASTER = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def mime_type_of(head: bytes) -> str:
    """`head`: the first 4 KiB. What may be shown in place is recognised by its first bytes and nothing else."""
    for magic, kind in _RASTER:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    found = _by_magic(head)
    if found is None and _is_text(head):
        return "text/plain"
    return UNKNOWN if found is None or found in INLINE else found


def _by_magic(head: bytes) -> str | None:
    if not head:
        return None
    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:
        return None
    except Exception:  # its parsers of broken containers have no common error
        return None
    named = [match.mime_type for match in matches if match.mime_type and match.confidence >= 0.5]
    return named[0][:100] if named else None


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) == HEAD and error.start > HEAD - 4
    return True
