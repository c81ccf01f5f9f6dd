"""The verbs of approval matrices. A change holds for steps that open later; who was asked already stays asked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User
from app.accounts.policy import insist_on_admin
from app.accounts.repository import active_people, active_roles
from app.activity.log import ActivityLog
from app.actor import Actor
from app.catalogue import events
from app.catalogue.models import ApprovalMatrix, ApprovalMatrixRow
from app.clock import database_now
from app.db.master_data import remembered
from app.errors import NotFound, NotPossible, Refused

_KEY = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class ListedRow:
    id: int
    value: str
    who: str
    user_id: int | None
    role_id: int | None
    gone: bool
    """Whoever it names has left or is archived: it leads to nobody."""

    @property
    def is_role(self) -> bool:
        return self.role_id is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row says to an approval."""

    user_id: int | None
    role_id: int | None
    made_by: int
    made_at: datetime


class Matrices:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor, self.activity = session, actor, ActivityLog(session, actor)

    async def all(self) -> Sequence[tuple[ApprovalMatrix, int]]:
        """With the number of their rows; those in use first."""
        counted = select(func.count()).where(
            ApprovalMatrixRow.matrix_id == ApprovalMatrix.id, ApprovalMatrixRow.deleted_at.is_(None)
        )
        query = select(ApprovalMatrix, counted.scalar_subquery()).order_by(
            ApprovalMatrix.archived_at.is_not(None), ApprovalMatrix.name, ApprovalMatrix.id
        )
        return [(row[0], row[1]) for row in (await self.session.execute(query.limit(500))).all()]

    async def find(self, key: str) -> ApprovalMatrix:
        matrix = (await self.session.execute(select(ApprovalMatrix).filter_by(key=key))).scalar_one_or_none()
        if matrix is None:
            raise NotFound
        return matrix

    async def lock(self, key: str) -> ApprovalMatrix:
        """For a change that depends on what stood there."""
        await self.session.refresh(matrix := await self.find(key), with_for_update=True)
        return matrix

    async def rows(self, matrix: ApprovalMatrix) -> list[ListedRow]:
        row = ApprovalMatrixRow
        query = (
            select(
                row.id, row.value, row.user_id, row.role_id, User.name, User.deactivated_at, Role.name, Role.archived_at
            )
            .outerjoin(User, User.id == row.user_id)
            .outerjoin(Role, Role.id == row.role_id)
            .where(row.matrix_id == matrix.id, row.deleted_at.is_(None))
            .order_by(row.value, row.id)
        )
        return [
            ListedRow(row_id, value, person or role, user_id, role_id, gone=bool(left or archived))
            for row_id, value, user_id, role_id, person, left, role, archived in (
                await self.session.execute(query)
            ).all()
        ]

    async def add(self, *, key: str, name: str) -> ApprovalMatrix:
        insist_on_admin(self.actor)
        if not _KEY.fullmatch(key):
            raise Refused.at("key", "Small letters, digits and hyphens, a letter first.")
        if (await self.session.execute(select(ApprovalMatrix.id).filter_by(key=key))).scalar() is not None:
            raise _taken()
        matrix = ApprovalMatrix(key=key, name=name)
        try:
            async with self.session.begin_nested():
                self.session.add(matrix)
        except IntegrityError as error:
            raise _taken() from error
        await self.activity.audit(events.MATRIX_ADDED, matrix, key=key, name=name)
        return matrix

    async def rename(self, matrix: ApprovalMatrix, *, name: str) -> None:
        insist_on_admin(self.actor)
        old = matrix.name
        if name != old:
            matrix.name = name
            await self.activity.audit(events.MATRIX_RENAMED, matrix, old=old, new=name)

    async def add_row(
        self, matrix: ApprovalMatrix, *, value: str, user_id: int | None = None, role_id: int | None = None
    ) -> ApprovalMatrixRow:
        insist_on_admin(self.actor)
        who = await self._named(user_id, role_id)
        if len(await self.rows(matrix)) >= MOST_ROWS:
            raise NotPossible("An approval matrix has at most 1,000 rows.")
        row = ApprovalMatrixRow(matrix_id=matrix.id, value=value, user_id=user_id, role_id=role_id)
        try:
            async with self.session.begin_nested():
                self.session.add(row)
        except IntegrityError as error:
            raise Refused.at("value", "This is in the table already.") from error
        facts = {"row": row.id, "value": value, "user_id": user_id, "role_id": role_id, "who": who}
        await self.activity.audit(events.MATRIX_ROW_ADDED, matrix, name=matrix.name, **facts)
        return row

    async def remove_row(self, matrix: ApprovalMatrix, row_id: int) -> None:
        insist_on_admin(self.actor)
        row = (
            await self.session.execute(select(ApprovalMatrixRow).filter_by(id=row_id, matrix_id=matrix.id))
        ).scalar_one_or_none()
        told = next((one for one in await self.rows(matrix) if one.id == row_id), None)
        if row is None or told is None:
            raise NotFound
        row.delete_softly(at=await database_now(self.session))
        facts = {"row": row.id, "value": row.value, "user_id": row.user_id, "role_id": row.role_id, "who": told.who}
        await self.activity.audit(events.MATRIX_ROW_REMOVED, matrix, name=matrix.name, **facts)

    async def archive(self, matrix: ApprovalMatrix) -> None:
        insist_on_admin(self.actor)
        if matrix.archived_at is not None:
            raise NotPossible("This is archived already.")
        matrix.archived_at = await database_now(self.session)
        await self.activity.audit(events.MATRIX_ARCHIVED, matrix, name=matrix.name)

    async def restore(self, matrix: ApprovalMatrix) -> None:
        insist_on_admin(self.actor)
        if matrix.archived_at is None:
            raise NotPossible("This is not archived.")
        matrix.archived_at = None
        await self.activity.audit(events.MATRIX_RESTORED, matrix, name=matrix.name)

    async def _named(self, user_id: int | None, role_id: int | None) -> str:
        """The name of the one person or role that may be put into a row."""
        if (user_id is None) == (role_id is None):
            raise Refused.at("user_id", "Choose a person or a role, one of the two.")
        if user_id is not None:
            names = {row.id: row.name for row in await active_people(self.session)}
        else:
            names = {row.id: row.name for row in await active_roles(self.session)}
        name = names.get(user_id or role_id or 0)
        if name is None:
            raise Refused.at("user_id" if user_id is not None else "role_id", "Choose one of the options.")
        return str(name)


def _taken() -> Refused:
    return Refused.at("key", "Another approval matrix has this key.")


async def entries_of(session: AsyncSession, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Entry]]:
    """By (key of the matrix, value). An archived matrix still answers for the flows that name it."""

    async def read(pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[Entry]]:
        row = ApprovalMatrixRow
        query = (
            select(ApprovalMatrix.key, row.value, row.user_id, row.role_id, row.created_by, row.created_at)
            .join(ApprovalMatrix, ApprovalMatrix.id == row.matrix_id)
            .where(tuple_(ApprovalMatrix.key, row.value).in_(pairs))
            .where(ApprovalMatrix.deleted_at.is_(None), row.deleted_at.is_(None))
            .order_by(row.id)
        )
        found: dict[tuple[str, str], list[Entry]] = {}
        for key, value, user_id, role_id, made_by, made_at in (await session.execute(query)).all():
            found.setdefault((key, value), []).append(Entry(user_id, role_id, made_by, made_at))
        return found

    return await remembered(session, "entries of matrices", wanted, read)


async def matrices_in_use(session: AsyncSession) -> dict[str, str]:
    """Names by key, of those that a flow may be published with."""
    query = select(ApprovalMatrix.key, ApprovalMatrix.name).where(
        ApprovalMatrix.archived_at.is_(None), ApprovalMatrix.deleted_at.is_(None)
    )
    return {row.key: row.name for row in await session.execute(query.order_by(ApprovalMatrix.name))}
