"""What every kind of object is made of: its level, and where in the school world a relation lies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from app.access import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

numbers = count(1)
RELATIONS: Final = ("own", "other_class", "other_school", "absent")
ABSENT_ID: Final = 999_999


@dataclass(frozen=True, slots=True)
class Kind:
    """What an argument names: at the level of a school, a class, a pupil or oneself, and how to get one."""

    level: str
    make: Callable[[World, Role, str], Any]
    absent: Any = ABSENT_ID


def school_of(world: World, role: Role, relation: str) -> int:
    """Return the school: one's own but for the relation other_school."""
    del role
    return world.school_ids["b" if relation == "other_school" else "a"]


def class_of(world: World, role: Role, relation: str) -> int:
    """Return the class at the relation."""
    del role
    return world.class_ids[relation]


def class_key(school: str) -> str:
    """Return the world's name of the class that stands for a school of it."""
    return "other_school" if school == "b" else "own"


def somebody_else(role: Role) -> Role:
    """Return a role of another person, for what belongs to one account alone."""
    return Role.PRINCIPAL if role is not Role.PRINCIPAL else Role.OFFICE_CLERK


def fixed(value: str) -> Kind:
    """An argument that names no object of ours: a kind of page, a token that nobody issued."""
    return Kind("token", lambda _world, _role, _relation: value, absent=value)
