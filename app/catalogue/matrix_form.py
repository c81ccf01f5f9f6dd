"""What an administrator may type about an approval matrix and one row of it."""

from app.web.forms import Form, Submitted


class MatrixForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.key = self.text("key", limit=63)
        self.name = self.text("name", required=True, limit=120)


class MatrixRowForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.value = self.text("value", required=True, limit=200)
        self.user_id = self.row("user_id")
        self.role_id = self.row("role_id")
