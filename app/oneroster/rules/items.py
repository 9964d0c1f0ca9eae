"""What other systems are told, before it takes the form of CSV or JSON. Ids are sourcedIds throughout."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.oneroster.rules.resolving import NO_NAME

if TYPE_CHECKING:
    from datetime import date

ACTIVE: Final = "active"
DELETED: Final = "tobedeleted"


class Told(StrEnum):
    """The kinds of things whose changes are followed; the values are those of `oneroster_record.kind`."""

    COURSE = "course"
    CLASS = "class"
    USER = "user"
    ENROLLMENT = "enrollment"


@dataclass(frozen=True, slots=True)
class OrgItem:
    """A unit of the organisation tree. `since` is the first day on which it was so."""

    sourced_id: str
    name: str
    kind: str
    identifier: str
    parent: str
    children: tuple[str, ...]
    since: date


@dataclass(frozen=True, slots=True)
class SessionItem:
    """A school year or one of its two terms; `ends` is the last day, as the standard has it."""

    sourced_id: str
    title: str
    kind: str
    begins: date
    ends: date
    parent: str
    children: tuple[str, ...]
    school_year: str


@dataclass(frozen=True, slots=True)
class CourseItem:
    """A grade of a school in a year: the standard wants every class to belong to a course, our classes to a grade."""

    sourced_id: str
    title: str
    code: str
    grade: str
    school: str
    year: str


@dataclass(frozen=True, slots=True)
class ClassItem:
    """A homeroom class."""

    sourced_id: str
    title: str
    grade: str
    course: str
    school: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserItem:
    """A pupil or a member of staff. `mark` changes with birth date, sex and code, and tells none of them."""

    sourced_id: str
    role: str
    role_id: str
    username: str
    given: str
    family: str
    middle: str
    school: str
    grade: str = ""
    email: str = ""
    enabled: bool = True
    mark: str = ""


@dataclass(frozen=True, slots=True)
class EnrollmentItem:
    """Who attends or teaches a class. `ends` is the last day, "" while there is none; dates are ISO 8601."""

    sourced_id: str
    class_id: str
    user: str
    school: str
    role: str
    primary: bool
    begins: str
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Private:
    """What is only handed out when asked for: birth date and sex as demographics, the ministry's code as identifier."""

    birth_date: date | None = None
    sex: str | None = None
    code: str | None = None


Item = CourseItem | ClassItem | UserItem | EnrollmentItem
_TYPES: Final[dict[Told, type[Item]]] = {
    Told.COURSE: CourseItem,
    Told.CLASS: ClassItem,
    Told.USER: UserItem,
    Told.ENROLLMENT: EnrollmentItem,
}


def told(item: Item) -> Told:
    """Return the kind of an item."""
    return next(kind for kind, type_ in _TYPES.items() if isinstance(item, type_))


def to_content(item: Item) -> str:
    """Return an item as JSON in which equal items are equal texts."""
    return json.dumps(asdict(item), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_content(kind: Told, content: str) -> Item:
    """Return the item of `to_content`."""
    values = json.loads(content)
    if kind is Told.CLASS:
        values["terms"] = tuple(values["terms"])
    return _TYPES[kind](**values)


def emptied(item: Item) -> Item:
    """Return what is kept of an item that is gone: of a person, nothing but the id, the role and the school."""
    if not isinstance(item, UserItem):
        return item
    return UserItem(
        item.sourced_id,
        item.role,
        item.role_id,
        item.sourced_id,
        NO_NAME,
        NO_NAME,
        "",
        item.school,
        enabled=False,
    )


def name_parts(full_name: str) -> tuple[str, str, str]:
    """Return (family, middle, given) of a Vietnamese name; a single word is the given name."""
    words = full_name.split()
    if len(words) < 2:  # noqa: PLR2004 - one word
        return NO_NAME, "", words[0] if words else NO_NAME
    return words[0], " ".join(words[1:-1]), words[-1]


@dataclass(frozen=True, slots=True)
class SchoolRoster:
    """A school's year as it stands on a day, complete."""

    orgs: tuple[OrgItem, ...]
    sessions: tuple[SessionItem, ...]
    items: tuple[Item, ...]
    private: dict[str, Private]


@dataclass(frozen=True, slots=True)
class Change:
    """An item with its status and, in ISO 8601, the instant of its last change."""

    item: Item
    status: str
    modified: str
