"""Who may do what, where. The permission table is data; nobody holds an object that they may not see.

A `Permission` names an action and says, role by role, how far it reaches. A `Route` (or an event of
`app.realtime`) says which permission it needs and which of its arguments names the object. The features hand
these rows to `wsgi.py`; `tests/app_wide/test_access.py` walks every route x method x role x {own, other class,
other school, absent} against them, and a route without a row does not start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.errors import ForbiddenError
from app.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """The roles of the product. A role is held through dated, scoped grants, never by itself."""

    TEACHER = "teacher"
    HOMEROOM_TEACHER = "homeroom_teacher"
    OFFICE_CLERK = "office_clerk"
    PRINCIPAL = "principal"
    DEPARTMENT_OFFICER = "department_officer"
    HUB_OPERATOR = "hub_operator"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    GUARDIAN = "guardian"
    PUPIL = "pupil"


class Reach(StrEnum):
    """How far a permission goes for a role: the granted class, the granted unit and all below it, oneself."""

    CLASS = "class"
    UNIT = "unit"
    SELF = "self"


class Gate(StrEnum):
    """How a request gets past the door before any object is loaded."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    GRANT = "grant"
    CAPABILITY = "capability"


@dataclass(frozen=True, slots=True)
class Permission:
    """One line of the permission table: an action and, for each role that has it, how far it reaches."""

    name: str
    reach: Mapping[Role, Reach] = field(default_factory=dict)
    gate: Gate = Gate.GRANT

    def __hash__(self) -> int:
        """Permissions are told apart by name."""
        return hash(self.name)


PUBLIC: Final = Permission("public", gate=Gate.PUBLIC)
SIGNED_IN: Final = Permission("signed_in", gate=Gate.SIGNED_IN)
CAPABILITY: Final = Permission("capability", gate=Gate.CAPABILITY)
"""Held by a token (a lesson's join token, a signed message), not by a person; the view checks the token."""


@dataclass(frozen=True, slots=True)
class Route:
    """A row for one endpoint: `target` is the URL argument that names the object, None when there is none.

    `fresh_factor` asks for a second factor given on this device within the last minutes: for whatever hands out many
    people's data at once.
    """

    endpoint: str
    permission: Permission
    target: str | None = None
    methods: tuple[str, ...] = ("GET",)
    fresh_factor: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object lives: its unit and all the units above it, and its class or pupil when it has one."""

    unit_ids: frozenset[int]
    class_id: int | None = None
    pupil_id: int | None = None


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant that is valid today: a role at a unit, narrowed to a class or a pupil for the roles that need it."""

    role: Role
    unit_id: int
    class_id: int | None = None
    pupil_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, with the grants that hold today. `sign_in_id` is the row of this device's sign-in."""

    user_id: int
    name: str
    grants: tuple[HeldGrant, ...] = ()
    sign_in_id: int | None = None

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held today, wherever."""
        return frozenset(grant.role for grant in self.grants)

    def may(self, permission: Permission, place: Place) -> bool:
        """Say whether some grant of today carries this permission to this place."""
        if permission.gate is not Gate.GRANT:
            return permission.gate is not Gate.CAPABILITY
        return any(_reaches(permission.reach.get(grant.role), grant, place) for grant in self.grants)

    def may_somewhere(self, permission: Permission) -> bool:
        """Say whether the permission is held anywhere at all; a menu needs no more, an object does."""
        if permission.gate is not Gate.GRANT:
            return permission.gate is not Gate.CAPABILITY
        return any(grant.role in permission.reach for grant in self.grants)

    def require(self, permission: Permission, place: Place) -> None:
        """Raise ForbiddenError (shown as "not found") unless `may(permission, place)`."""
        if not self.may(permission, place):
            raise ForbiddenError(permission.name)

    def require_somewhere(self, permission: Permission) -> None:
        """Raise ForbiddenError unless the permission is held anywhere."""
        if not self.may_somewhere(permission):
            raise ForbiddenError(permission.name)

    def unit_ids(self, permission: Permission) -> frozenset[int]:
        """Return the units below which the permission holds entirely (for lists of schools or classes)."""
        return frozenset(g.unit_id for g in self.grants if permission.reach.get(g.role) is Reach.UNIT)

    def class_ids(self, permission: Permission) -> frozenset[int]:
        """Return the single classes to which the permission is granted."""
        return frozenset(
            g.class_id
            for g in self.grants
            if permission.reach.get(g.role) is Reach.CLASS and g.class_id is not None
        )


def _reaches(reach: Reach | None, grant: HeldGrant, place: Place) -> bool:
    if reach is None or grant.unit_id not in place.unit_ids:
        return False
    if reach is Reach.UNIT:
        return True
    if reach is Reach.CLASS:
        return grant.class_id is not None and grant.class_id == place.class_id
    return grant.pupil_id is not None and grant.pupil_id == place.pupil_id


SYSTEM: Final = Actor(user_id=0, name=N_("Hệ thống"))
"""Who acts when no person does: jobs and the command line. It holds no grant; loaders refuse it."""


def everywhere(*roles: Role) -> dict[Role, Reach]:
    """Return the reach of roles that hold a permission in their whole unit."""
    return dict.fromkeys(roles, Reach.UNIT)


def own_class(*roles: Role) -> dict[Role, Reach]:
    """Return the reach of roles that hold a permission in their granted classes only."""
    return dict.fromkeys(roles, Reach.CLASS)
