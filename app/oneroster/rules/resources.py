"""The JSON binding of OneRoster 1.2: what the items are called over REST, field by field.

Source: 1EdTech OneRoster 1.2 Rostering Service, REST/JSON Binding. Fields that this product does not know (phones,
agents, resources) are left out rather than sent empty; lists that a class or course has are sent, empty where nothing
is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from app.oneroster.rules.csv_out import SEX_WORDS
from app.oneroster.rules.items import ACTIVE, ClassItem, CourseItem, EnrollmentItem, UserItem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.oneroster.rules.items import Change, OrgItem, Private, SessionItem

Resource = dict[str, Any]
_HEAD: Final = ("sourcedId", "status", "dateLastModified")
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "org": frozenset({*_HEAD, "name", "type", "identifier", "parent", "children"}),
    "academicSession": frozenset(
        {*_HEAD, "title", "startDate", "endDate", "type", "parent", "children", "schoolYear"}
    ),
    "course": frozenset({*_HEAD, "title", "schoolYear", "courseCode", "grades", "subjects", "org"}),
    "class": frozenset(
        {
            *_HEAD,
            "title",
            "classCode",
            "classType",
            "grades",
            "subjects",
            "course",
            "school",
            "terms",
            "periods",
        }
    ),
    "user": frozenset(
        {
            *_HEAD,
            "username",
            "enabledUser",
            "givenName",
            "familyName",
            "middleName",
            "roles",
            "primaryOrg",
            "email",
            "grades",
        }
    ),
    "enrollment": frozenset({*_HEAD, "user", "class", "school", "role", "primary", "beginDate", "endDate"}),
    "demographics": frozenset({*_HEAD, "birthDate", "sex"}),
}
"""Kind of resource -> every field that one of them may have."""
PATHS: Final = {
    "org": "orgs",
    "academicSession": "academicSessions",
    "course": "courses",
    "class": "classes",
    "user": "users",
}


@dataclass(frozen=True, slots=True)
class Binding:
    """Turns items into resources; `base` is the address below which they are found, without a slash at its end."""

    base: str

    def org(self, item: OrgItem) -> Resource:
        """Return a unit."""
        return _head(item.sourced_id, ACTIVE, _midnight(item.since)) | {
            "name": item.name,
            "type": item.kind,
            "identifier": item.identifier,
            **({"parent": self._ref(item.parent, "org")} if item.parent else {}),
            "children": [self._ref(child, "org") for child in item.children],
        }

    def session(self, item: SessionItem) -> Resource:
        """Return a school year or a term."""
        return _head(item.sourced_id, ACTIVE, _midnight(item.begins)) | {
            "title": item.title,
            "startDate": item.begins.isoformat(),
            "endDate": item.ends.isoformat(),
            "type": item.kind,
            **({"parent": self._ref(item.parent, "academicSession")} if item.parent else {}),
            "children": [self._ref(child, "academicSession") for child in item.children],
            "schoolYear": item.school_year,
        }

    def item(self, change: Change) -> Resource:
        """Return a course, class, user or enrolment with its status."""
        found = change.item
        head = _head(found.sourced_id, change.status, change.modified)
        if isinstance(found, CourseItem):
            return head | self._course(found)
        if isinstance(found, ClassItem):
            return head | self._class(found)
        if isinstance(found, UserItem):
            return head | self._user(found)
        return head | self._enrollment(found)

    def demographics(self, change: Change, private: Private) -> Resource:
        """Return what the school knows of a pupil's birth and sex."""
        born = {"birthDate": private.birth_date.isoformat()} if private.birth_date else {}
        sex = {"sex": SEX_WORDS[private.sex]} if private.sex in SEX_WORDS else {}
        return _head(change.item.sourced_id, change.status, change.modified) | born | sex

    def _course(self, item: CourseItem) -> Resource:
        return {
            "title": item.title,
            "schoolYear": self._ref(item.year, "academicSession"),
            "courseCode": item.code,
            "grades": [item.grade],
            "subjects": [],
            "org": self._ref(item.school, "org"),
        }

    def _class(self, item: ClassItem) -> Resource:
        return {
            "title": item.title,
            "classCode": item.title,
            "classType": "homeroom",
            "grades": [item.grade],
            "subjects": [],
            "course": self._ref(item.course, "course"),
            "school": self._ref(item.school, "org"),
            "terms": [self._ref(term, "academicSession") for term in item.terms],
            "periods": [],
        }

    def _user(self, item: UserItem) -> Resource:
        return {
            "username": item.username,
            "enabledUser": _truth(is_so=item.enabled),
            "givenName": item.given,
            "familyName": item.family,
            "middleName": item.middle,
            "roles": [{"roleType": "primary", "role": item.role, "org": self._ref(item.school, "org")}],
            "primaryOrg": self._ref(item.school, "org"),
            **({"email": item.email} if item.email else {}),
            "grades": [item.grade] if item.grade else [],
        }

    def _enrollment(self, item: EnrollmentItem) -> Resource:
        return {
            "user": self._ref(item.user, "user"),
            "class": self._ref(item.class_id, "class"),
            "school": self._ref(item.school, "org"),
            "role": item.role,
            "primary": _truth(is_so=item.primary),
            "beginDate": item.begins,
            **({"endDate": item.ends} if item.ends else {}),
        }

    def _ref(self, sourced_id: str, kind: str) -> Resource:
        return {"href": f"{self.base}/{PATHS[kind]}/{sourced_id}", "sourcedId": sourced_id, "type": kind}


def _head(sourced_id: str, status: str, modified: str) -> Resource:
    return {"sourcedId": sourced_id, "status": status, "dateLastModified": modified}


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _truth(*, is_so: bool) -> str:
    """Return a boolean as the standard has it in JSON: a word."""
    return "true" if is_so else "false"
