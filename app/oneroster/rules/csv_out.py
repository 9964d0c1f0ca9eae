"""A school's roster as a OneRoster CSV package: every file with all columns in the order of the standard."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.oneroster.rules.binding import COLUMNS, MANIFEST, MANIFEST_FILES, File, Mode, Version
from app.oneroster.rules.items import (
    ACTIVE,
    DELETED,
    Change,
    ClassItem,
    CourseItem,
    EnrollmentItem,
    Private,
    UserItem,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.oneroster.rules.items import OrgItem, SchoolRoster, SessionItem

SOURCE: Final = ("Bảng Xanh", "bang-xanh")
SEX_WORDS: Final = {"M": "male", "F": "female"}
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The same roster is the same file, to the byte."""
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a package is to hold. `changes` makes it a list of changes; without them it is everything."""

    version: Version
    demographics: bool = False
    codes: bool = False
    changes: tuple[Change, ...] | None = None
    stamp: str = ""


def package_of(roster: SchoolRoster, wanted: Wanted) -> bytes:
    """Return the zip of a roster, or of its changes."""
    out = _Writer(wanted, roster.private)
    out.add_frame(roster.orgs, roster.sessions)
    changes = wanted.changes
    for change in changes if changes is not None else (Change(item, "", "") for item in roster.items):
        out.add(change)
    return out.zip()


@dataclass(slots=True)
class _Writer:
    wanted: Wanted
    private: Mapping[str, Private]
    rows: dict[File, list[Row]] = field(default_factory=dict)

    def add_frame(self, orgs: Iterable[OrgItem], sessions: Iterable[SessionItem]) -> None:
        """Add units and school years; a list of changes repeats them, so that it can be read by itself."""
        is_delta = self.wanted.changes is not None
        head = {"status": ACTIVE, "dateLastModified": self.wanted.stamp} if is_delta else {}
        for org in orgs:
            self._row(File.ORGS, head | {
                "sourcedId": org.sourced_id, "name": org.name, "type": org.kind,
                "identifier": org.identifier, "parentSourcedId": org.parent,
            })  # fmt: skip
        for session in sessions:
            self._row(File.SESSIONS, head | {
                "sourcedId": session.sourced_id, "title": session.title, "type": session.kind,
                "startDate": session.begins.isoformat(), "endDate": session.ends.isoformat(),
                "parentSourcedId": session.parent, "schoolYear": session.school_year,
            })  # fmt: skip

    def add(self, change: Change) -> None:
        """Add an item to its file; a person in 1.2 also has a role, and demographics where they are wanted."""
        item = change.item
        head = {"sourcedId": item.sourced_id, "status": change.status, "dateLastModified": change.modified}
        if isinstance(item, CourseItem):
            self._row(File.COURSES, head | _course(item))
        elif isinstance(item, ClassItem):
            self._row(File.CLASSES, head | _class(item))
        elif isinstance(item, EnrollmentItem):
            self._row(File.ENROLLMENTS, head | _enrollment(item))
        else:
            self._add_user(item, head)

    def _add_user(self, item: UserItem, head: Row) -> None:
        private = self.private.get(item.sourced_id, Private())
        self._row(File.USERS, head | _user(item, private.code if self.wanted.codes else None))
        self._row(File.ROLES, head | {
            "sourcedId": item.role_id, "userSourcedId": item.sourced_id, "roleType": "primary", "role": item.role,
            "orgSourcedId": item.school,
        })  # fmt: skip
        if self.wanted.demographics and item.role == "student" and head["status"] != DELETED:
            born = private.birth_date.isoformat() if private.birth_date else ""
            self._row(
                File.DEMOGRAPHICS, head | {"birthDate": born, "sex": SEX_WORDS.get(private.sex or "", "")}
            )

    def _row(self, file: File, row: Row) -> None:
        self.rows.setdefault(file, []).append(row)

    def zip(self) -> bytes:
        """Return everything as a zip with its manifest. A file without rows is not allowed, and is absent."""
        columns = COLUMNS[self.wanted.version]
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            _store(archive, MANIFEST, ("propertyName", "value"), self._manifest())
            for file, names in columns.items():
                if file in self.rows:
                    rows = ([row.get(name, "") for name in names] for row in self.rows[file])
                    _store(archive, file.file_name, names, rows)
        return out.getvalue()

    def _manifest(self) -> list[list[str]]:
        version = self.wanted.version
        mode = Mode.BULK if self.wanted.changes is None else Mode.DELTA
        there = {file.value for file in self.rows if file in COLUMNS[version]}
        lines = [["manifest.version", "1.0"], ["oneroster.version", version.value]]
        lines += [
            [f"file.{name}", mode if name in there else Mode.ABSENT] for name in MANIFEST_FILES[version]
        ]
        return [*lines, ["source.systemName", SOURCE[0]], ["source.systemCode", SOURCE[1]]]


def _store(
    archive: zipfile.ZipFile, name: str, heading: Iterable[str], rows: Iterable[Iterable[str]]
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows(rows)
    part = zipfile.ZipInfo(name, _ZIP_DATE)
    part.compress_type = zipfile.ZIP_DEFLATED
    part.external_attr = 0o644 << 16
    archive.writestr(part, text.getvalue().encode())


def _course(item: CourseItem) -> Row:
    return {
        "schoolYearSourcedId": item.year,
        "title": item.title,
        "courseCode": item.code,
        "grades": item.grade,
        "orgSourcedId": item.school,
    }


def _class(item: ClassItem) -> Row:
    return {
        "title": item.title,
        "grades": item.grade,
        "courseSourcedId": item.course,
        "classCode": item.title,
        "classType": "homeroom",
        "schoolSourcedId": item.school,
        "termSourcedIds": ",".join(item.terms),
    }


def _user(item: UserItem, code: str | None) -> Row:
    return {
        "enabledUser": "true" if item.enabled else "false",
        "orgSourcedIds": item.school,
        "role": item.role,
        "username": item.username,
        "givenName": item.given,
        "familyName": item.family,
        "middleName": item.middle,
        "identifier": code or "",
        "email": item.email,
        "grades": item.grade,
        "primaryOrgSourcedId": item.school,
    }


def _enrollment(item: EnrollmentItem) -> Row:
    return {
        "classSourcedId": item.class_id,
        "schoolSourcedId": item.school,
        "userSourcedId": item.user,
        "role": item.role,
        "primary": "true" if item.primary else "false",
        "beginDate": item.begins,
        "endDate": item.ends,
    }
