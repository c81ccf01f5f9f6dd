"""What an administrator may type about categories and labels."""

from app.catalogue.ordering import Direction
from app.web.forms import Form, Submitted


class CategoryForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.name = self.text("name", required=True, limit=120)
        self.icon = values.get("icon") or "folder"
        self.parent_id = self.row("parent_id")


class LabelForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.name = self.text("name", required=True, limit=60)
        self.color = self.text("color", required=True, limit=7)


class OrderForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.direction = Direction.DOWN if values.get("direction") == Direction.DOWN else Direction.UP
