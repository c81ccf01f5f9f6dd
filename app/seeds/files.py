"""Files of the demo company, made by hand: a page of PDF with a few lines, and a small picture."""

import hashlib
import struct
import uuid
import zlib
from collections.abc import Sequence

from app.attachments.kinds import mime_type_of
from app.attachments.receiving import Received
from app.attachments.storage import Storage, new_key

QUOTES = {
    "quote-a-kelvion.pdf": (
        "Kelvion Optics",
        "24 thermal imaging cameras",
        "Total EUR 41,900.00 net",
        "Delivery: 9 weeks",
    ),
    "quote-b-nordtherm.pdf": (
        "Nordtherm Imaging Oy",
        "24 thermal imaging cameras, same mounts",
        "Total EUR 38,400.00 net",
        "Delivery: 3 weeks",
    ),
    "nda-corvane.pdf": (
        "Mutual non-disclosure agreement",
        "Corvane Robotics and the Aldermoor Group",
        "4.2 Five years",
    ),
    "offer-light-curtain.pdf": ("Sicherwerk GmbH", "Light-curtain guards, press 2", "Total EUR 12,960.00 net"),
}
PICTURES = {"line-3-reading.png": (320, 200)}


def content_of(name: str) -> bytes:
    return pdf(QUOTES[name]) if name in QUOTES else heat_picture(*PICTURES[name])


async def stored(storage: Storage, name: str) -> tuple[str, Received]:
    content, key = content_of(name), new_key()
    storage.arriving.mkdir(parents=True, exist_ok=True)
    path = storage.arriving / uuid.uuid4().hex
    path.write_bytes(content)
    file = Received(name, len(content), mime_type_of(content), hashlib.sha256(content).hexdigest(), path)
    await storage.take(path, key)
    return key, file


def pdf(lines: Sequence[str]) -> bytes:
    words = " T* ".join(f"({line}) Tj" for line in lines)
    text = f"BT /F1 16 Tf 24 TL 72 760 Td {words} ET".encode("latin-1")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    whole, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(whole)
    return whole + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def heat_picture(width: int, height: int) -> bytes:
    """Warm in the middle, as a camera on line 3 sees it."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            far = ((x - width / 2) / width) ** 2 + ((y - height / 2) / height) ** 2
            warm = max(0, round(255 * (1 - far * 4)))
            rows += bytes((warm, warm * warm // 400, 120 - warm // 3))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
