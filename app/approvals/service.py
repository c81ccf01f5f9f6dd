"""The verbs on approval templates: create, change the draft, publish, archive."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app import conditions
from app.activity.log import ActivityLog
from app.actor import Actor
from app.approvals import events, repository
from app.approvals.core.definition_json import flow_from_json, flow_to_json
from app.approvals.core.publish_check import PublishFacts
from app.approvals.core.publish_check import problems as problems_of_flow
from app.approvals.models import ApprovalTemplate, ApprovalTemplateVersion
from app.catalogue.matrices import matrices_in_use
from app.errors import NotAllowed, NotFound, NotPossible, Refused
from app.publishing.problems import Problem, by_path
from app.publishing.service import Publishable, Publishing
from app.web.i18n import gettext as _

APPROVAL_TEMPLATES = Publishable(
    ApprovalTemplate, ApprovalTemplateVersion, events.PUBLISHED, events.ARCHIVED, events.UNARCHIVED
)
KEY = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
TAKEN_BY_PAGES = frozenset({"new", "rows"})
MOST_STEPS = 50

FieldsByForm = Mapping[str, Mapping[str, conditions.Field]]
Forms = Callable[[AsyncSession, str], Awaitable[FieldsByForm]]
"""Of each ticket template that uses the flow with this key: its name, and what conditions may read of its tickets."""


class ApprovalTemplates:
    """`forms` is asked at the check: a condition must make sense on every form that runs through the flow."""

    def __init__(self, session: AsyncSession, actor: Actor, forms: Forms) -> None:
        self.session, self.actor, self._forms = session, actor, forms
        self.life = Publishing(session, actor, APPROVAL_TEMPLATES, self.problems)

    async def find(self, key: str) -> ApprovalTemplate:
        """For those who shape it; archived and unpublished ones too."""
        template = await repository.template_by_key(self.session, key) if self.actor.is_admin else None
        if template is None:
            raise NotFound
        return template

    async def create(self, definition: Mapping[str, Any]) -> ApprovalTemplate:
        """With a draft; no ticket runs through it before it is published."""
        self._insist()
        whole = self._read(definition)
        key = str(whole["key"])
        if not KEY.fullmatch(key) or key in TAKEN_BY_PAGES:
            raise Refused("This key cannot be used.", {"key": _("Small letters, digits and hyphens, a letter first.")})
        if await repository.template_by_key(self.session, key) is not None:
            raise _taken()
        template = ApprovalTemplate(key=key, name=whole["name"])
        self.session.add(template)
        await self._flush_key()
        log = ActivityLog(self.session, self.actor)
        await log.audit(events.CREATED, template, key=template.key, name=template.name)
        await self.life.save_draft(template, whole)
        return template

    async def create_and_publish(self, definition: Mapping[str, Any]) -> ApprovalTemplate:
        """Both or neither: what cannot be published is not created."""
        whole = self._read(definition)
        if found := by_path(problem for problem in await self.problems(whole) if problem.blocking):
            raise Refused("This cannot be published yet.", found)
        template = await self.create(whole)
        await self.publish(template)
        return template

    async def change_draft(self, template: ApprovalTemplate, definition: Mapping[str, Any]) -> ApprovalTemplateVersion:
        self._insist()
        return await self.life.save_draft(template, self._read(definition, template))

    async def restore(self, template: ApprovalTemplate, number: int) -> ApprovalTemplateVersion:
        """Brings an old version back as the draft."""
        self._insist()
        return await self.life.restore_as_draft(template, number)

    async def publish(self, template: ApprovalTemplate, *, based_on: int | None = None) -> ApprovalTemplateVersion:
        """Publishes the draft; processes that run keep the version they have."""
        self._insist()
        _refuse_archived(template)
        version = await self.life.publish(template, based_on=based_on)
        template.name = version.definition["name"]
        return version

    async def save(
        self, template: ApprovalTemplate, definition: Mapping[str, Any], *, based_on: int | None = None
    ) -> ApprovalTemplateVersion:
        """Draft and publication in one go."""
        self._insist()
        _refuse_archived(template)
        whole = self._read(definition, template)
        version = await self.life.save_and_publish(template, whole, based_on=based_on)
        template.name = whole["name"]
        return version

    async def archive(self, template: ApprovalTemplate) -> None:
        self._insist()
        await self.life.archive(template)

    async def unarchive(self, template: ApprovalTemplate) -> None:
        self._insist()
        await self.life.unarchive(template)

    async def problems(self, definition: Mapping[str, Any]) -> Sequence[Problem]:
        """Everything that stands against publishing it, and warnings that do not."""
        people, roles = await repository.present_approvers(self.session)
        forms = await self._forms(self.session, str(definition.get("key", "")))
        facts = PublishFacts(
            people=people,
            roles=roles,
            matrices=frozenset(await matrices_in_use(self.session)),
            fields=_fields_of_all(forms),
        )
        found = [
            Problem(_dotted(one.path), _(one.message) % one.params, blocking=not one.warning)
            for one in problems_of_flow(definition, facts)
        ]
        return [*found, *_problems_of_conditions(definition, forms)]

    async def forms(self, key: str) -> FieldsByForm:
        """Of each form that runs through the flow, by its name: what conditions may read of its tickets."""
        return await self._forms(self.session, key)

    def _insist(self) -> None:
        if not self.actor.is_admin:
            raise NotAllowed("Only an administrator can change approval templates.")

    def _read(self, definition: Mapping[str, Any], template: ApprovalTemplate | None = None) -> dict[str, Any]:
        """Whole, as the engine reads it; what it would not understand is refused here."""
        try:
            flow = flow_from_json(definition)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise Refused("This is not an approval template as it should be.", {"stages": str(error)[:200]}) from error
        if template is not None and flow.key != template.key:
            raise Refused("The key of an approval template stays as it is.", {"key": _("The key stays as it is.")})
        if not isinstance(flow.name, str) or not flow.name.strip() or len(flow.name) > 120:
            raise Refused("An approval template has a name.", {"name": _("A name of up to 120 characters.")})
        if len(flow.steps) > MOST_STEPS:
            raise Refused("This flow is too long.", {"stages": _("At most 50 steps.")})
        return flow_to_json(flow)

    async def _flush_key(self) -> None:
        """Two at once with the same key: the index decides."""
        try:
            async with self.session.begin_nested():
                await self.session.flush()
        except IntegrityError as error:
            raise _taken() from error


def _fields_of_all(forms: FieldsByForm) -> frozenset[str] | None:
    """What every form has; as long as no form uses the flow there is nothing to hold its fields against."""
    return frozenset.intersection(*(frozenset(fields) for fields in forms.values())) if forms else None


def _problems_of_conditions(definition: Mapping[str, Any], forms: FieldsByForm) -> Iterator[Problem]:
    for path, tree in trees_in(definition.get("stages", [])):
        for form, fields in forms.items():
            try:
                conditions.parse(tree, fields)
            except conditions.ConditionError as error:
                told = "; ".join(f"{one.path}: {one.told(_)}" for one in error.problems[:3])
                yield Problem(path, _("On the form %(form)s: %(told)s") % {"form": form, "told": told})


def _dotted(path: str) -> str:
    """`$.stages[0].steps[1].key`, as the engine writes it, in the way of all definitions: `stages.0.steps.1.key`."""
    return re.sub(r"\[(\d+)\]", r".\1", path.removeprefix("$."))


def trees_in(stages: Any, path: str = "stages") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every condition of a flow, with the path it stands at."""
    if isinstance(stages, Mapping):
        for key, value in stages.items():
            if key == "condition" and isinstance(value, Mapping):
                yield f"{path}.{key}", value
            else:
                yield from trees_in(value, f"{path}.{key}")
    elif isinstance(stages, list | tuple):
        for number, value in enumerate(stages):
            yield from trees_in(value, f"{path}.{number}")


def _refuse_archived(template: ApprovalTemplate) -> None:
    if template.archived_at is not None:
        raise NotPossible("This approval template is archived. Bring it back first.")


def _taken() -> Refused:
    return Refused("This key is taken.", {"key": _("Another approval template has this key.")})
