"""What the URL arguments stand for in the school world: for each, an object at each relation to the asking role.

An argument of a new page belongs into the module of its kind; what names no object of ours stands here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from app.access import Gate, Reach, Role
from tests.app_wide.objects import accounts, attendance, lessons, pupils, reports, school
from tests.app_wide.objects.kind import ABSENT_ID, RELATIONS, Kind, fixed

if TYPE_CHECKING:
    from tests.world import World

__all__ = ("ABSENT_ID", "KINDS", "OBJECTS", "RELATIONS", "Kind", "Objects")

PROVINCE_ROLES: Final = frozenset({Role.DEPARTMENT_OFFICER, Role.HUB_OPERATOR})
"""Granted at the province in the world, so their unit holds both schools."""
KINDS: Final[dict[str, Kind]] = {
    **accounts.KINDS,
    **school.KINDS,
    **pupils.KINDS,
    **attendance.KINDS,
    **lessons.KINDS,
    **reports.KINDS,
    "collection": fixed("users"),
    "sourced_id": fixed("0" * 24),
    "class_sourced_id": fixed("0" * 24),
    "inner": fixed("students"),
    "month": fixed("2026-09"),
    "period_key": fixed("1"),
    "indicator_code": fixed("attendance_rate"),
    "occasion": fixed("start"),
    "verb": fixed("move"),
    "code": fixed("ZZZZZZ"),
    "token": fixed("0" * 24),
    "door": fixed("pupil"),
    "name": fixed("answer"),
    "page": fixed("stage"),
    "filename": fixed("favicon.svg"),
}


@dataclass
class Objects:
    """Gives URL arguments and expected answers for rows of the permission table."""

    world: World
    _made: dict[tuple[str, Role, str], Any] = field(default_factory=dict)

    def arguments(self, row: dict[str, Any], role: Role, relation: str) -> dict[str, Any]:
        """Return the URL's arguments: the target at the relation, all others at one's own."""
        names = self._argument_names(row["name"])
        return {
            name: self._one(name, role, relation if name == row["target"] else "own")
            for name in sorted(names)
        }

    def _argument_names(self, endpoint: str) -> set[str]:
        rules = self.world.app.url_map.iter_rules(endpoint)
        return {name for rule in rules for name in rule.arguments}

    def _one(self, name: str, role: Role, relation: str) -> object:
        kind = KINDS[name]
        if relation == "absent":
            return kind.absent
        if kind.level == "self":
            return kind.make(self.world, role, relation)
        key = (name, role, relation)
        if key not in self._made:
            self._made[key] = kind.make(self.world, role, relation)
        return self._made[key]

    def expected(self, row: dict[str, Any], role: Role, relation: str) -> bool:
        """Return whether the table lets the role in at this relation."""
        route = self.world.app.extensions["bangxanh.door"].routes[row["name"], row["method"]]
        permission = route.permission
        if permission.gate is Gate.CAPABILITY:
            return False
        if route.target is None:
            return permission.gate is not Gate.GRANT or role in permission.reach
        if relation == "absent":
            return False
        level = KINDS[route.target].level
        if permission.gate is not Gate.GRANT:
            return level != "self" or relation == "own"
        return self.reached(permission.reach.get(role), role, relation, level)

    @staticmethod
    def reached(reach: Reach | None, role: Role, relation: str, level: str) -> bool:
        """Return whether a permission that reaches so far lets the role in at this relation."""
        if reach is Reach.UNIT:
            return role in PROVINCE_ROLES or relation != "other_school"
        if reach is Reach.CLASS:
            return level in {"class", "pupil"} and relation == "own"
        return reach is Reach.SELF and level == "pupil" and relation == "own"


OBJECTS = Objects
