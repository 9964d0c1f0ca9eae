"""OneRoster packages: they come in by the way of every roster, go out again, and hostile ones are refused."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.intake.commands.imports import Outcome, Upload, import_at_once
from app.intake.commands.undoing import undo_import
from app.intake.rules.dating import Choice, Leaving
from app.intake.rules.rows import UnreadableFileError
from app.oneroster.commands.importing import read_package
from app.oneroster.commands.keeping import export_package
from app.oneroster.models import OneRosterLink
from app.oneroster.rules.binding import Version
from app.oneroster.rules.csv_out import Wanted
from app.school.commands import add_unit
from app.school.models import ClassMembership, Enrolment, Pupil, School, SchoolClass
from app.school.rules import UnitKind
from tests.world import FIRST_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.world import World

MANIFEST_OF_USERS = "propertyName,value\r\noneroster.version,1.1\r\nfile.users,bulk\r\n"
NO_CHOICE = Choice(ends_missing=False, leaving=Leaving.TRANSFERRED)
USERS = [
    ("u1", "active", "true", "an", "An", "Nguyễn Văn", "1", "o1"),
    ("u2", "active", "true", "k-ran", "K'Rân", "Điểu", "1", "o1"),
    ("t1", "active", "true", "huong", "Hường", "Trần Thị", "", "o1"),
]


@dataclass
class Package:
    """A package of version 1.2 as another system writes it, to be changed by the tests."""

    mode: str = "bulk"
    users: list[tuple[str, ...]] = field(default_factory=lambda: list(USERS))
    enrollments: list[tuple[str, ...]] = field(
        default_factory=lambda: [
            ("e1", "active", "c1", "o1", "u1", "student", "", ""),
            ("e2", "active", "c1", "o1", "u2", "student", "", ""),
        ]
    )
    classes: list[tuple[str, ...]] = field(
        default_factory=lambda: [("c1", "active", "1/1", "1", "k1", "homeroom", "o1", "y1")]
    )

    def content(self) -> bytes:
        """Return the zip."""
        files = {
            "orgs": table("sourcedId,status,name,type", [("o1", "active", "Trường", "school")]),
            "academicSessions": table(
                "sourcedId,status,title,type,startDate,endDate,schoolYear",
                [("y1", "active", "2026-2027", "schoolYear", "2026-09-05", "2027-05-31", "2027")],
            ),
            "courses": table("sourcedId,status,title,orgSourcedId", [("k1", "active", "Chủ nhiệm", "o1")]),
            "classes": table(
                "sourcedId,status,title,grades,courseSourcedId,classType,schoolSourcedId,termSourcedIds",
                self.classes,
            ),
            "users": table(
                "sourcedId,status,enabledUser,username,givenName,familyName,grades,primaryOrgSourcedId",
                self.users,
            ),
            "roles": table(
                "sourcedId,status,userSourcedId,roleType,role,orgSourcedId",
                [
                    (
                        f"r-{row[0]}",
                        row[1],
                        row[0],
                        "primary",
                        "teacher" if row[0][0] == "t" else "student",
                        "o1",
                    )
                    for row in self.users
                ],
            ),
            "enrollments": table(
                "sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,beginDate,endDate",
                self.enrollments,
            ),
            "demographics": table(
                "sourcedId,status,birthDate,sex",
                [(row[0], row[1], "2020-03-04", "male") for row in self.users if row[0][0] == "u"],
            ),
        }
        manifest = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
        manifest += [(f"file.{name}", self.mode) for name in files]
        return zipped({"manifest": table("propertyName,value", manifest), **files})


def table(heading: str, rows: Sequence[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = heading.split(",")
    dated = columns[0] == "sourcedId"
    writer.writerow([*columns[:2], "dateLastModified", *columns[2:]] if dated else columns)
    writer.writerows([(*row[:2], "2026-10-01T00:00:00Z", *row[2:]) if dated else row for row in rows])
    return out.getvalue()


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return out.getvalue()


def bring(content: bytes, code: str = "MOI", *, apply: bool = True, choice: Choice = NO_CHOICE) -> Outcome:
    upload = Upload("oneroster.zip", content)
    return import_at_once(SYSTEM, code, "2026-2027", upload, choice, apply=apply, many_confirmed=True)


@pytest.fixture
def school_id(world: World) -> int:
    with world.app.app_context(), db.transaction() as session:
        unit = add_unit(session, UnitKind.SCHOOL, "MOI", "Trường Mới", world.ward_id, valid_from=FIRST_DAY)
        session.add(School(id=unit.id, levels="1"))
        return unit.id


def pupils_of(school_id: int) -> set[tuple[str, str]]:
    """Return (name, class) of who is enrolled now."""
    rows = db.session().execute(
        select(Pupil.full_name, SchoolClass.name)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .join(ClassMembership, ClassMembership.pupil_id == Pupil.id)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(
            Enrolment.school_id == school_id, Enrolment.ends_on.is_(None), ClassMembership.ends_on.is_(None)
        )
    )
    return {(name, class_name) for name, class_name in rows}


def test_a_package_comes_in_once(world: World, school_id: int) -> None:
    content = Package().content()
    with world.app.app_context():
        first = bring(content).preview.numbers
        assert (first["new"], first["unchanged"]) == (2, 0)
        assert pupils_of(school_id) == {("Nguyễn Văn An", "1/1"), ("Điểu K'Rân", "1/1")}
        second = bring(content).preview.numbers
        assert (second["new"], second["unchanged"], second["updated"]) == (0, 2, 0)
        kinds = db.session().scalars(select(OneRosterLink.kind).where(OneRosterLink.school_id == school_id))
        assert sorted(kinds) == ["class", "pupil", "pupil", "staff"]


def test_a_renamed_pupil_is_the_same_pupil(world: World, school_id: int) -> None:
    with world.app.app_context():
        bring(Package().content())
        changed = Package()
        changed.users[0] = ("u1", "active", "true", "an", "An", "Nguyễn Hoàng", "1", "o1")
        outcome = bring(changed.content())
        assert (outcome.preview.numbers["new"], outcome.preview.numbers["updated"]) == (0, 1)
        assert ("Nguyễn Hoàng An", "1/1") in pupils_of(school_id)


def test_changes_mark_who_leaves_and_say_nothing_of_the_others(world: World, school_id: int) -> None:
    with world.app.app_context():
        bring(Package().content())
        delta = Package(
            mode="delta",
            users=[("u2", "tobedeleted", *USERS[1][2:])],
            enrollments=[("e2", "tobedeleted", "c1", "o1", "u2", "student", "", "2026-10-01")],
        )
        proposed = bring(delta.content())
        assert proposed.preview.numbers["missing"] == 1
        assert len(pupils_of(school_id)) == 2, "leaving is proposed; a person decides"
        bring(delta.content(), choice=Choice(ends_missing=True, leaving=Leaving.TRANSFERRED))
        assert pupils_of(school_id) == {("Nguyễn Văn An", "1/1")}


def test_faults_are_told_one_by_one_and_the_rest_comes_in(world: World, school_id: int) -> None:
    faulty = Package()
    faulty.classes = [("c1", "Active", "1/1", "1", "k9", "homeroom", "o1", "y1")]
    faulty.enrollments.append(("e3", "active", "c7", "o1", "u1", "student", "", ""))
    with world.app.app_context():
        outcome = bring(faulty.content())
        told = {
            (remark.column, line.sheet, line.row) for line in outcome.preview.bad for remark in line.remarks
        }
        assert {
            ("status", "classes.csv", 2),
            ("courseSourcedId", "classes.csv", 2),
            ("classSourcedId", "enrollments.csv", 4),
        } <= told
        assert len(pupils_of(school_id)) == 2


def test_an_imported_package_is_undone(world: World, school_id: int) -> None:
    with world.app.app_context():
        outcome = bring(Package().content())
        assert outcome.import_id is not None
        undo_import(SYSTEM, outcome.import_id)
        assert pupils_of(school_id) == set()
        assert bring(Package().content()).preview.numbers["new"] == 2


@pytest.mark.parametrize("version", Version)
def test_what_goes_out_comes_in_elsewhere(world: World, school_id: int, version: Version) -> None:
    with world.app.app_context():
        wanted = Wanted(version, demographics=True, codes=False)
        content = export_package(SYSTEM, world.school_ids["a"], world.year_id, wanted)
        db.session().rollback()
        assert bring(content).preview.bad == ()
        assert pupils_of(school_id) == pupils_of(world.school_ids["a"])
        again = export_package(SYSTEM, world.school_ids["a"], world.year_id, wanted)
        assert parts(again) == parts(content), "ids are stable"


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_package_says_no_birth_date_and_no_code_unless_asked(world: World) -> None:
    with world.app.app_context():
        wanted = Wanted(Version.V1_2, demographics=False, codes=False)
        content = export_package(SYSTEM, world.school_ids["a"], world.year_id, wanted)
        pupils = db.session().scalars(select(Pupil)).all()
        everything = "\n".join(parts(content).values())
        assert not [pupil.id for pupil in pupils if pupil.ministry_code and pupil.ministry_code in everything]
        assert "birthDate" not in everything


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({"manifest": "propertyName,value\r\n", "users": "0" * 60_000_000})
    assert len(bomb) < 200_000
    with pytest.raises(UnreadableFileError):
        read_package(bomb, 2026)


def test_a_name_of_many_megabytes_is_refused_without_copies_of_it() -> None:
    long = zipped(
        {"manifest": MANIFEST_OF_USERS, "users": "sourcedId,givenName,familyName\r\nu1," + "ễ" * 3_000_000}
    )
    tracemalloc.start()
    with pytest.raises(UnreadableFileError):
        read_package(long, 2026)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 9_000_000, "nine megabytes as text of four bytes a letter, and again beside the bytes"


@settings(max_examples=60)
@given(
    st.binary(max_size=400),
    st.dictionaries(st.sampled_from(["manifest", "users", "orgs"]), st.text(max_size=60)),
)
def test_no_bytes_raise_anything_but_the_importers_own_error(tail: bytes, files: dict[str, str]) -> None:
    told: list[str] = []
    for content in (tail, b"PK\x03\x04" + tail, zipped(files), zipped(files)[:-9] + tail):
        try:
            read_package(content, 2026)
        except BangXanhError as error:
            told.append(str(error))
    assert all(told)
