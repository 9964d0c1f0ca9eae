"""Who may see a class, and why; what a person was ever granted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from app import db
from app.access import Actor, Permission, Reach, Role
from app.accounts.models import Grant, User
from app.accounts.queries.people import holds_today
from app.accounts.rules.powers import roles_to_give
from app.errors import NotFoundError
from app.school.models import ClassMembership, OrgUnit, Pupil, SchoolClass
from app.school.queries import holds_on, place_of_class, place_of_unit
from app.school.rules import VIEW_CLASS, VIEW_PUPIL

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select

MOST_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant in words' reach: who, which role, where, from when to when, given by whom and why."""

    grant: Grant
    role: Role
    user_id: int
    full_name: str
    username: str
    unit: str
    class_name: str | None
    pupil: str | None
    given_by: str | None
    may_end: bool

    @property
    def last_day(self) -> date | None:
        """The last day on which the grant holds, None when it has no end."""
        return self.grant.ends_on - timedelta(days=1) if self.grant.ends_on else None

    def state(self, today: date) -> str:
        """Return "now", "later" or "over"."""
        if self.grant.ends_on is not None and self.grant.ends_on <= max(today, self.grant.starts_on):
            return "over"
        return "later" if self.grant.starts_on > today else "now"


def grant_for(actor: Actor, permission: Permission, grant_id: int) -> Grant:
    """Return a grant at a place where the actor holds the permission and may give its role; raise NotFoundError."""
    row = db.session().get(Grant, grant_id)
    if row is None:
        raise NotFoundError
    actor.require(permission, place_of_unit(row.unit_id))
    return row


def may_end(actor: Actor, grant: Grant) -> bool:
    """Say whether the actor may end a grant: the role is one to give there, and the grant is not the actor's own."""
    return grant.user_id != actor.user_id and Role(grant.role) in roles_to_give(
        actor, place_of_unit(grant.unit_id)
    )


def grants_of(actor: Actor, user_id: int) -> list[GrantLine]:
    """Return every grant of a person, the latest first."""
    query = _lines_query().where(Grant.user_id == user_id)
    return _lines(actor, query.order_by(Grant.starts_on.desc(), Grant.id.desc()).limit(MOST_SHOWN))


def grants_reaching(actor: Actor, school_class: SchoolClass) -> list[GrantLine]:
    """Return every grant, past, present and to come, through which someone sees a class, by name.

    It is the permission table that says so: the roles that reach a whole unit, for the class's units; the roles that
    reach a class, for this class.
    """
    place = place_of_class(school_class)
    wide = [role.value for role, reach in VIEW_CLASS.reach.items() if reach is Reach.UNIT]
    narrow = [role.value for role, reach in VIEW_CLASS.reach.items() if reach is Reach.CLASS]
    query = _lines_query().where(
        Grant.unit_id.in_(place.unit_ids),
        or_(Grant.role.in_(wide), Grant.role.in_(narrow) & (Grant.class_id == school_class.id)),
    )
    return _lines(actor, query.order_by(User.name_sort, Grant.starts_on.desc()).limit(MOST_SHOWN))


def grants_to_pupils(actor: Actor, school_class: SchoolClass, day: date) -> list[GrantLine]:
    """Return the grants that hold on a day through which a guardian, or a pupil, sees one pupil of a class, by name."""
    alone = [role.value for role, reach in VIEW_PUPIL.reach.items() if reach is Reach.SELF]
    members = select(ClassMembership.pupil_id).where(
        ClassMembership.class_id == school_class.id, holds_on(ClassMembership, day)
    )
    query = _lines_query().where(
        Grant.unit_id.in_(place_of_class(school_class).unit_ids),
        Grant.role.in_(alone),
        Grant.pupil_id.in_(members),
        holds_today(day),
    )
    return _lines(actor, query.order_by(Pupil.name_sort, User.name_sort).limit(MOST_SHOWN))


def _lines_query() -> Select[Grant, User, str, str, str, str]:
    giver = aliased(User)
    return (
        select(Grant, User, OrgUnit.name, SchoolClass.name, Pupil.full_name, giver.full_name)
        .join(User, User.id == Grant.user_id)
        .join(OrgUnit, OrgUnit.id == Grant.unit_id)
        .outerjoin(SchoolClass, SchoolClass.id == Grant.class_id)
        .outerjoin(Pupil, Pupil.id == Grant.pupil_id)
        .outerjoin(giver, giver.id == Grant.granted_by)
    )


def _lines(actor: Actor, query: Select[Grant, User, str, str, str, str]) -> list[GrantLine]:
    givable: dict[int, frozenset[Role]] = {}
    found = []
    for grant, user, unit, class_name, pupil, giver in db.session().execute(query):
        if grant.unit_id not in givable:
            givable[grant.unit_id] = roles_to_give(actor, place_of_unit(grant.unit_id))
        role = Role(grant.role)
        found.append(
            GrantLine(
                grant=grant,
                role=role,
                user_id=user.id,
                full_name=user.full_name,
                username=user.username,
                unit=unit,
                class_name=class_name,
                pupil=pupil,
                given_by=giver,
                may_end=user.id != actor.user_id and role in givable[grant.unit_id],
            )
        )
    return found
