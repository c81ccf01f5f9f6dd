"""The moves as buttons: what each is called, what it asks for, and which is the most likely one."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.tickets.lifecycle import Move, Step, step_for
from app.tickets.policy import May
from app.web.i18n import N_, pgettext
from app.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class MoveButton:
    """`noun` is the last part of the URL; `asks` the label of the text that goes with it, empty where there is none."""

    move: Move
    noun: str
    label: str
    icon: str
    asks: str = ""
    needs_text: bool = False
    is_final: bool = False
    is_primary: bool = False

    @property
    def field(self) -> str:
        return "resolution" if self.move is Move.RESOLVE else "reason"

    @property
    def kind(self) -> str:
        """A reason is said in plain words."""
        return "markdown" if self.move is Move.RESOLVE else "textarea"


_REASON = N_("Why?")
_BUTTONS = (
    MoveButton(Move.SUBMIT, "submission", N_("Submit"), "send"),
    MoveButton(Move.CONFIRM, "confirmation", N_("Confirm and close"), "check-check"),
    MoveButton(Move.RESOLVE, "resolution", N_("Resolve"), "circle-check", N_("How was it resolved?")),
    MoveButton(Move.TAKE, "handling", N_("Take it"), "hand"),
    MoveButton(Move.EDIT_AGAIN, "revision", N_("Edit again"), "pencil"),
    MoveButton(Move.WITHDRAW, "withdrawal", N_("Withdraw"), "undo-2", _REASON),
    MoveButton(Move.SEND_BACK, "reopening", N_("Send back"), "corner-up-left", N_("What is still missing?")),
    MoveButton(Move.HAND_BACK, "handback", N_("Hand back"), "undo-2", _REASON),
    MoveButton(Move.CHANGE_APPROVED, "revision", N_("Back to draft"), "pencil", N_("Why does it have to change?")),
    MoveButton(Move.CANCEL, "cancellation", N_("Cancel"), "ban", _REASON, is_final=True),
)
_ASKS = {button.move: button.asks for button in _BUTTONS if button.asks}
_NEVER_FIRST = {Move.WITHDRAW, Move.CANCEL, Move.CHANGE_APPROVED, Move.HAND_BACK, Move.SEND_BACK}


def buttons(may: May) -> list[MoveButton]:
    """Only what this person may do now, the most likely next step first."""
    return list(_drawn([button for button in _BUTTONS if may.make(button.move)], may))


def asked_for(move: Move) -> str:
    """The label of the text that goes with it, wherever it is made."""
    return _(_ASKS.get(move, _REASON))


def _needs_text(step: Step | None, may: May) -> bool:
    """Whoever ends what somebody else asked for says why."""
    return step is not None and (step.needs_reason or (step.move is Move.CANCEL and not may.is_owner))


def _label(button: MoveButton) -> str:
    return pgettext("a ticket", "Cancel") if button.move is Move.CANCEL else _(button.label)


def _drawn(possible: list[MoveButton], may: May) -> Iterable[MoveButton]:
    for number, button in enumerate(possible):
        step = step_for(may.ticket.status, button.move)
        yield MoveButton(
            button.move, button.noun, _label(button), button.icon, _(button.asks),
            needs_text=_needs_text(step, may), is_final=button.is_final,
            is_primary=number == 0 and button.move not in _NEVER_FIRST,
        )  # fmt: skip
