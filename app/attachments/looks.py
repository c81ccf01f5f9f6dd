"""How a file is drawn, by what it is and how large: one that is stored, or what an answer says of one."""

from app.attachments.kinds import IMAGES


class Looks:
    size: int
    mime_type: str

    @property
    def is_image(self) -> bool:
        return self.mime_type in IMAGES

    @property
    def icon(self) -> str:
        return "image" if self.is_image else "file-text" if self.mime_type == "application/pdf" else "file"

    @property
    def tone(self) -> str:
        return "img" if self.is_image else "pdf" if self.mime_type == "application/pdf" else ""

    @property
    def size_told(self) -> str:
        for unit, limit in (("MB", 1_000_000), ("KB", 1_000)):
            if self.size >= limit:
                return f"{self.size / limit:.1f} {unit}"
        return f"{self.size} B"
