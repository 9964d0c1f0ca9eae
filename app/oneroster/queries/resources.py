"""What a program is answered: collections, single resources, and those that belong to another one, of one school."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app.errors import NotFoundError
from app.oneroster.models import OneRosterRecord
from app.oneroster.queries.changes import change_of
from app.oneroster.queries.rosters import orgs_of, private_of, sessions_of
from app.oneroster.rules.ids import Kind
from app.oneroster.rules.items import ACTIVE, Private, Told
from app.school.queries import ancestors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.oneroster.rules.ids import Ids
    from app.oneroster.rules.items import Change
    from app.oneroster.rules.resources import Binding, Resource
    from app.school.models import SchoolYear

KINDS: Final[Mapping[str, str]] = {
    "orgs": "org",
    "schools": "org",
    "academicSessions": "academicSession",
    "terms": "academicSession",
    "gradingPeriods": "academicSession",
    "courses": "course",
    "classes": "class",
    "enrollments": "enrollment",
    "users": "user",
    "students": "user",
    "teachers": "user",
    "demographics": "demographics",
}
"""Collection -> kind of its resources. There are no grading periods: terms are not parted further."""
NESTED: Final = frozenset(
    {
        *(
            ("schools", inner)
            for inner in ("classes", "courses", "enrollments", "students", "teachers", "terms")
        ),
        *(("classes", inner) for inner in ("students", "teachers", "enrollments")),
        *((outer, "classes") for outer in ("courses", "terms", "students", "teachers", "users")),
        ("terms", "gradingPeriods"),
    }
)
_ROLES: Final = {"students": "student", "teachers": "teacher"}
_TOLD: Final = {"courses": Told.COURSE, "classes": Told.CLASS, "enrollments": Told.ENROLLMENT}


class Service:
    """One school's current year. What belongs to another school does not exist here."""

    def __init__(
        self, session: Session, ids: Ids, school_id: int, year: SchoolYear, binding: Binding
    ) -> None:
        self._session, self._ids, self._year, self._binding = session, ids, year, binding
        self._school_id = school_id

    def collection(self, name: str) -> list[Resource]:
        """Return every resource of a collection; raise NotFoundError for a collection that there is not."""
        if name not in KINDS:
            raise NotFoundError
        return self._found(name)

    def single(self, name: str, sourced_id: str) -> Resource:
        """Return one resource of a collection; raise NotFoundError."""
        if name not in KINDS:
            raise NotFoundError
        found = [
            one
            for one in self._found(name, OneRosterRecord.sourced_id == sourced_id)
            if one["sourcedId"] == sourced_id
        ]
        if not found:
            raise NotFoundError
        return found[0]

    def nested(self, name: str, sourced_id: str, inner: str) -> list[Resource]:
        """Return what belongs to a resource, such as the students of a class; raise NotFoundError."""
        if (name, inner) not in NESTED:
            raise NotFoundError
        self.single(name, sourced_id)
        if name == "schools":
            return self.collection(inner)
        if name == "classes":
            return self._of_class(sourced_id, inner)
        if name == "courses":
            return [one for one in self._found("classes") if one["course"]["sourcedId"] == sourced_id]
        if name == "terms":
            return [
                one
                for one in self._found(inner)
                if sourced_id in {term["sourcedId"] for term in one.get("terms", ())}
            ]
        joined = self._changes(
            Told.ENROLLMENT, OneRosterRecord.user_ref == sourced_id, OneRosterRecord.status == ACTIVE
        )
        return self._named("classes", {getattr(one.item, "class_id", "") for one in joined})

    def in_school(self, school: str, class_sourced_id: str, inner: str) -> list[Resource]:
        """Return the students, teachers or enrolments of a class that is named together with its school."""
        self.single("schools", school)
        return self.nested("classes", class_sourced_id, inner)

    def _of_class(self, sourced_id: str, inner: str) -> list[Resource]:
        of_class = OneRosterRecord.class_ref == sourced_id
        if inner == "enrollments":
            return self._found("enrollments", of_class)
        joined = self._changes(
            Told.ENROLLMENT,
            of_class,
            OneRosterRecord.role == _ROLES[inner],
            OneRosterRecord.status == ACTIVE,
        )
        return self._named(inner, {getattr(one.item, "user", "") for one in joined})

    def _named(self, name: str, sourced_ids: set[str]) -> list[Resource]:
        return [one for one in self._found(name) if one["sourcedId"] in sourced_ids]

    # --- reading ------------------------------------------------------------------------------------------------------

    def _found(self, name: str, *only: ColumnElement[bool]) -> list[Resource]:
        """Return a collection, as far as the database can narrow it by itself."""
        if name in {"orgs", "schools"}:
            return self._orgs(only_school=name == "schools")
        if KINDS[name] == "academicSession":
            return self._sessions(name)
        if name == "demographics":
            return self._demographics(*only)
        narrowed = (*only, OneRosterRecord.role == _ROLES[name]) if name in _ROLES else only
        return [self._binding.item(change) for change in self._changes(_TOLD.get(name, Told.USER), *narrowed)]

    def _orgs(self, *, only_school: bool) -> list[Resource]:
        items = orgs_of(self._session, self._ids, ancestors(self._session, self._school_id))
        own = self._ids.of(Kind.UNIT, self._school_id)
        return [self._binding.org(one) for one in items if not only_school or one.sourced_id == own]

    def _sessions(self, name: str) -> list[Resource]:
        wanted: Mapping[str, Callable[[str], bool]] = {
            "academicSessions": lambda _kind: True,
            "terms": lambda kind: kind == "term",
            "gradingPeriods": lambda kind: kind == "gradingPeriod",
        }
        items = sessions_of(self._ids, [self._year])
        return [self._binding.session(one) for one in items if wanted[name](one.kind)]

    def _demographics(self, *only: ColumnElement[bool]) -> list[Resource]:
        changes = self._changes(
            Told.USER, OneRosterRecord.role == "student", OneRosterRecord.status == ACTIVE, *only
        )
        named = [self._ids.read(one.item.sourced_id) for one in changes]
        known = private_of(self._session, self._ids, [one.number for one in named if one])
        return [self._binding.demographics(one, known.get(one.item.sourced_id, Private())) for one in changes]

    def _changes(self, kind: Told, *only: ColumnElement[bool]) -> list[Change]:
        rows = self._session.scalars(
            select(OneRosterRecord)
            .where(
                OneRosterRecord.school_id == self._school_id,
                OneRosterRecord.year_id == self._year.id,
                OneRosterRecord.kind == kind.value,
                *only,
            )
            .order_by(OneRosterRecord.id)
        )
        return [change_of(row) for row in rows]
