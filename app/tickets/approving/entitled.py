"""Why somebody is asked, in words: what led to each seat of a step (approvals.md, rule 4)."""

from collections.abc import Callable
from dataclasses import dataclass

from app.approvals.core.definition import Source
from app.approvals.core.state import Origin, Seat, SeatKind, StepRun
from app.tickets.approving.people import Directory
from app.tickets.approving.shielding import NOTHING_HIDDEN, Shield
from app.tickets.approving.subject import Subject
from app.web.i18n import gettext as _
from app.web.i18n import labelled

MOST = 6


@dataclass(frozen=True, slots=True)
class Entitled:
    subject: Subject
    directory: Directory
    shield: Shield = NOTHING_HIDDEN

    def told(self, run: StepRun) -> list[str]:
        """Of those who are awaited: "Daniel Okafor: the requester’s manager"."""
        waiting = [seat for seat in run.seats if seat.is_pending]
        told = [labelled(self.who(seat), why) for seat in waiting if (why := self.why(seat))]
        told += [
            labelled(self._name(one), _("may answer too, for the deadline passed"))
            for seat in waiting
            for one in seat.deputies
        ]
        return list(dict.fromkeys(told))[:MOST]

    def who(self, seat: Seat) -> str:
        if seat.is_pool and seat.role_id:
            return self.directory.role_names.get(seat.role_id, _("a role"))
        return self._name(seat.user_id)

    def why(self, seat: Seat) -> str:
        if seat.delegated_from:
            return _("handed over by %(name)s") % {"name": self._name(seat.delegated_from[-1])}
        special = _BY_ORIGIN.get(seat.origin)
        return special(self, seat) if special else self._by_source(seat)

    def _by_source(self, seat: Seat) -> str:
        told, source = seat.provenance, str(seat.provenance.get("source", ""))
        if source == Source.MANAGER:
            return {2: _("the manager of the requester’s manager"), 3: _("three levels above the requester")}.get(
                told.get("level", 1), _("the requester’s manager")
            )
        if source == Source.ROLE and not seat.is_pool:
            return _("a member of %(role)s") % {"role": self.directory.role_names.get(told.get("role_id", 0), "")}
        if source == Source.FIELD:
            return _("named in “%(field)s”") % {"field": self.subject.label(str(told.get("field")))}
        if source == Source.MATRIX:
            return _("answers for %(value)s") % {"value": self._answer(str(told.get("field")), told.get("value"))}
        return {
            "role": _("any one of its members"), "user": _("named in the flow"),
            "previous_manager": _("the manager of the approver before"), "pick": _("chosen by the requester"),
        }.get(source, "")  # fmt: skip

    def _answer(self, key: str, value: object) -> str:
        if self.shield.covers([key]):
            return _("an answer that you may not read")
        field = self.subject.form.field(key) if self.subject.form else None
        options = {one.key: one.label for one in field.options} if field else {}
        return options.get(str(value), str(value))

    def _name(self, user_id: object) -> str:
        return self.directory.names.get(user_id, _("somebody")) if isinstance(user_id, int) else _("somebody")

    def fallback(self, _seat: Seat) -> str:
        return _("steps in where nobody else can")

    def manager(self, seat: Seat) -> str:
        return _("the manager of %(name)s") % {"name": self._name(seat.provenance.get("of"))}

    def added(self, seat: Seat) -> str:
        said = {
            SeatKind.ADVICE: _("asked for advice by %(name)s"),
            SeatKind.REQUIRED: _("required too, added by %(name)s"),
        }
        return said.get(seat.kind, _("added by %(name)s")) % {"name": self._name(seat.provenance.get("by"))}

    def replacement(self, seat: Seat) -> str:
        return _("asked instead of %(name)s") % {"name": self._name(seat.provenance.get("of"))}

    def escalation(self, _seat: Seat) -> str:
        return _("asked because the deadline passed")


_BY_ORIGIN: dict[Origin, Callable[[Entitled, Seat], str]] = {
    Origin.FALLBACK: Entitled.fallback,
    Origin.MANAGER: Entitled.manager,
    Origin.ADDED: Entitled.added,
    Origin.REPLACEMENT: Entitled.replacement,
    Origin.ESCALATION: Entitled.escalation,
}
