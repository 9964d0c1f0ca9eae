"""Who may look after accounts and grants, as data: the permissions, and which roles each role may give."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Actor, Permission, Place, Role, everywhere, own_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

_OFFICE: Final = (Role.OFFICE_CLERK, Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR)
MANAGE_ACCOUNTS: Final = Permission("accounts.manage", everywhere(*_OFFICE))
GIVE_ROLES: Final = Permission("grants.give", everywhere(*_OFFICE))
VIEW_ACCESS: Final = Permission("access.view", everywhere(*_OFFICE) | own_class(Role.HOMEROOM_TEACHER))
"""Who may see who sees a class. The homeroom teacher answers to parents for it."""

_BELOW_OFFICE: Final = frozenset({Role.TEACHER, Role.HOMEROOM_TEACHER, Role.GUARDIAN, Role.PUPIL})
MAY_GIVE: Final[Mapping[Role, frozenset[Role]]] = {
    Role.OFFICE_CLERK: _BELOW_OFFICE,
    Role.PRINCIPAL: _BELOW_OFFICE | {Role.OFFICE_CLERK},
    Role.SYSTEM_ADMINISTRATOR: frozenset(Role),
}
"""Nobody gives a role as strong as the own one, but the system administrator, who gives all, within the own unit."""


class Scope(StrEnum):
    """What a grant of a role is narrowed to."""

    UNIT = "unit"
    CLASS = "class"
    PUPIL = "pupil"


SCOPES: Final[Mapping[Role, Scope]] = {
    Role.TEACHER: Scope.CLASS,
    Role.HOMEROOM_TEACHER: Scope.CLASS,
    Role.OFFICE_CLERK: Scope.UNIT,
    Role.PRINCIPAL: Scope.UNIT,
    Role.DEPARTMENT_OFFICER: Scope.UNIT,
    Role.HUB_OPERATOR: Scope.UNIT,
    Role.SYSTEM_ADMINISTRATOR: Scope.UNIT,
    Role.GUARDIAN: Scope.PUPIL,
    Role.PUPIL: Scope.PUPIL,
}
SCHOOL_ROLES: Final = (
    Role.TEACHER, Role.HOMEROOM_TEACHER, Role.OFFICE_CLERK, Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR,
)  # fmt: skip
"""Roles that can be given on a school's pages, weakest first."""
SECOND_FACTOR_ROLES: Final = frozenset(
    {Role.DEPARTMENT_OFFICER, Role.HUB_OPERATOR, Role.SYSTEM_ADMINISTRATOR}
)
"""Roles that reach beyond a school or change who reaches what: a password alone will not do."""


@dataclass(frozen=True, slots=True)
class DatedGrant:
    """A grant as it is stored, for asking about: the role, where (`place` has the unit and those above it), when."""

    role: Role
    place: Place
    starts_on: date
    ends_on: date | None

    def is_over(self, today: date) -> bool:
        """Whether the grant will never hold again."""
        return self.ends_on is not None and self.ends_on <= max(today, self.starts_on)


def roles_to_give(actor: Actor, place: Place) -> frozenset[Role]:
    """Return the roles that the actor may give, and end, at a place."""
    if not actor.may(GIVE_ROLES, place):
        return frozenset()
    held = (grant.role for grant in actor.grants if grant.unit_id in place.unit_ids)
    return frozenset().union(*(MAY_GIVE.get(role, frozenset()) for role in held))


def is_below(actor: Actor, grants: Iterable[DatedGrant], today: date) -> bool:
    """Say whether the actor may look after an account with these grants: every one could have been given by the actor.

    Otherwise a clerk could reset the password of a principal, and be one. Grants that are over count only where no
    other is left, so that an officer's old account does not become anybody's.
    """
    every = list(grants)
    counted = [grant for grant in every if not grant.is_over(today)] or every
    return all(grant.role in roles_to_give(actor, grant.place) for grant in counted)
