"""Accounts as those who look after them see them: the list, one account with its grants, what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select

from app import db
from app.access import Actor, Permission, Role
from app.accounts.models import Grant, SignIn, SlipBatch, User
from app.accounts.rules.powers import DatedGrant, is_below
from app.errors import NotFoundError
from app.lists.queries import slice_of
from app.school.models import OrgUnit, Staff
from app.school.queries import below, place_of_unit
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from app.access import Place
    from app.lists.rules import Slice, Wanted


@dataclass(frozen=True, slots=True)
class Account:
    """An account that was loaded for an actor. `is_manageable`: every grant is one that the actor could have given."""

    user: User
    grants: tuple[DatedGrant, ...]
    is_manageable: bool
    is_self: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: the account, the roles that hold today, and when it was last used."""

    user: User
    roles: tuple[Role, ...]
    units: tuple[str, ...]
    last_seen_at: datetime | None


def account_for(actor: Actor, permission: Permission, user_id: int, today: date) -> Account:
    """Return the account when the actor holds the permission at some place of it; raise NotFoundError otherwise."""
    session = db.session()
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError
    places = _Places()
    grants = dated_grants(session, user_id, places)
    school_id = session.scalar(select(Staff.school_id).where(Staff.user_id == user_id))
    reachable = [grant.place for grant in grants] + ([places.of(school_id)] if school_id else [])
    if not any(actor.may(permission, place) for place in reachable):
        raise NotFoundError
    is_self = user_id == actor.user_id
    manageable = not is_self and is_below(actor, grants, today)
    return Account(user, grants, is_manageable=manageable, is_self=is_self)


class _Places:
    """The places of units, each looked up once."""

    def __init__(self) -> None:
        self._known: dict[int, Place] = {}

    def of(self, unit_id: int) -> Place:
        """Return a unit with the units above it."""
        if unit_id not in self._known:
            self._known[unit_id] = place_of_unit(unit_id)
        return self._known[unit_id]


def dated_grants(session: Session, user_id: int, places: _Places | None = None) -> tuple[DatedGrant, ...]:
    """Return every grant that an account ever had."""
    places = places or _Places()
    rows = session.scalars(select(Grant).where(Grant.user_id == user_id)).all()
    return tuple(
        DatedGrant(Role(row.role), places.of(row.unit_id), row.starts_on, row.ends_on) for row in rows
    )


ORDERS: Final = {
    "name": (User.name_sort, User.id),
    "username": (User.username_fold,),
}


def accounts_within(actor: Actor, permission: Permission, today: date) -> Callable[[Wanted], Slice[Line]]:
    """Return the source of the list of accounts within the actor's reach; the number of queries does not grow."""

    def answer(wanted: Wanted) -> Slice[Line]:
        chosen = wanted.chosen.get("role")
        role = Role(chosen) if chosen else None
        found = _matching(actor, permission, wanted.words, role, today)
        return slice_of(
            db.session(), found, wanted, ORDERS, lambda session, query: _lines(session, query, today)
        )

    return answer


def within_reach(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the SQL condition that a User belongs, now or once, to a unit where the actor holds the permission."""
    return _belongs_to(below(actor.unit_ids(permission)))


def _belongs_to(units: Select[tuple[int]]) -> ColumnElement[bool]:
    return or_(
        User.id.in_(select(Grant.user_id).where(Grant.unit_id.in_(units))),
        User.id.in_(select(Staff.user_id).where(Staff.school_id.in_(units), Staff.user_id.is_not(None))),
    )


def named_like(typed: str) -> ColumnElement[bool]:
    """Return the SQL condition that a User's name or user name contains what was typed, with accents or without."""
    wanted = fold(typed)[:80]
    return or_(
        User.name_fold.contains(wanted, autoescape=True), User.username_fold.contains(wanted, autoescape=True)
    )


def _matching(
    actor: Actor, permission: Permission, words: Sequence[str], role: Role | None, today: date
) -> Select[User]:
    units = below(actor.unit_ids(permission))
    query = select(User).where(_belongs_to(units), *(named_like(word) for word in words))
    if role is not None:
        query = query.where(
            User.id.in_(
                select(Grant.user_id).where(
                    Grant.role == role.value,
                    holds_today(today),
                    Grant.unit_id.in_(units),
                )
            )
        )
    return query


def holds_today(today: date) -> ColumnElement[bool]:
    """Return the SQL condition that a Grant holds on a day."""
    return (Grant.starts_on <= today) & or_(Grant.ends_on.is_(None), Grant.ends_on > today)


def _lines(session: Session, query: Select[User], today: date) -> list[Line]:
    users = session.scalars(query).all()
    ids = [user.id for user in users]
    held: dict[int, dict[str, None]] = {}
    units: dict[int, dict[str, None]] = {}
    for user_id, role, unit in session.execute(
        select(Grant.user_id, Grant.role, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == Grant.unit_id)
        .where(Grant.user_id.in_(ids), holds_today(today))
        .order_by(Grant.id)
    ):
        held.setdefault(user_id, {})[role] = None
        units.setdefault(user_id, {})[unit] = None
    seen: dict[int, datetime | None] = {
        row[0]: row[1]
        for row in session.execute(
            select(SignIn.user_id, func.max(SignIn.last_seen_at))
            .where(SignIn.user_id.in_(ids))
            .group_by(SignIn.user_id)
        )
    }
    return [
        Line(
            user,
            tuple(Role(role) for role in held.get(user.id, ())),
            tuple(units.get(user.id, ())),
            seen.get(user.id),
        )
        for user in users
    ]


def taken_usernames(session: Session) -> set[str]:
    """Return every user name there is, as it is compared."""
    return set(session.scalars(select(User.username_fold)))


def slips_for(actor: Actor, permission: Permission, slip_id: int) -> SlipBatch:
    """Return first passwords on their way to paper; only whoever made them may show them. Raises NotFoundError."""
    batch = db.session().get(SlipBatch, slip_id)
    if batch is None or batch.made_by != actor.user_id:
        raise NotFoundError
    actor.require(permission, place_of_unit(batch.school_id))
    return batch
