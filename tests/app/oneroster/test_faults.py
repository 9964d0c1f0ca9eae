"""What packages of other systems have wrong: each thing is told once, nothing is swallowed, and the rest is read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from app.oneroster.rules.checking import check_references, check_rows
from app.oneroster.rules.package import open_package
from app.oneroster.rules.resolving import Known, KnownPerson, Resolved, resolve
from tests.app.oneroster.test_packages import USERS, Package, parts, table, zipped

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN = Known("MOI", "Trường", date(2026, 9, 7), date(2027, 6, 1), date(2026, 10, 5))
AN = Known(
    "MOI", "Trường", date(2026, 9, 7), date(2027, 6, 1), date(2026, 10, 5),
    pupils={"u1": KnownPerson(1, "Nguyễn Văn An", "1/1")}, classes={"c1": "1/1"}, existing=frozenset({"01 01"}),
)  # fmt: skip


def read(content: bytes, known: Known = KNOWN) -> tuple[Resolved, set[tuple[str, int, str]]]:
    """Return a package as it concerns a school, and (file, row, column) of all that is said about it."""
    package = open_package(content)
    found = check_rows(package)
    check_references(package, found)
    resolved = resolve(package, found, known)
    told = [(fault.file, fault.row, fault.column) for fault in package.faults]
    assert len(set(told)) == len(told)
    return resolved, set(told)


def with_files(content: bytes, **changed: str | None) -> bytes:
    files: Mapping[str, str] = {name.removesuffix(".csv"): text for name, text in parts(content).items()}
    return zipped({name: text for name, text in {**files, **changed}.items() if text is not None})


def classes_of(resolved: Resolved) -> dict[str | None, str]:
    return {row.key: row.class_name for row in resolved.roster.pupils}


BOTH = {"u1": "1/1", "u2": "1/1"}


def test_a_package_without_fault_says_nothing() -> None:
    resolved, told = read(Package().content())
    assert (classes_of(resolved), told) == (BOTH, set())


def test_an_enrolment_that_ends_before_it_begins_is_told_and_not_used() -> None:
    faulty = Package()
    faulty.enrollments[1] = ("e2", "active", "c1", "o1", "u2", "student", "2026-10-01", "2026-09-10")
    resolved, told = read(faulty.content())
    assert classes_of(resolved) == {"u1": "1/1"}
    assert told == {("enrollments.csv", 3, "endDate"), ("users.csv", 3, "sourcedId")}


def test_what_is_to_be_deleted_and_is_not_here_is_told() -> None:
    delta = Package(
        mode="delta",
        users=[("u9", "tobedeleted", *USERS[0][2:])],
        enrollments=[("e9", "tobedeleted", "c1", "o1", "u9", "student", "", "")],
        classes=[("c9", "tobedeleted", "1/9", "1", "k1", "homeroom", "o1", "y1")],
    )
    told = read(delta.content(), AN)[1]
    assert {(file, 2, "status") for file in ("users.csv", "enrollments.csv", "classes.csv")} <= told
    delta.users, delta.enrollments = [], [("e9", "active", "c1", "o1", "u9", "student", "", "2026-09-20")]
    assert ("enrollments.csv", 2, "endDate") in read(delta.content(), AN)[1]


def test_a_class_that_is_to_be_deleted_stays_and_takes_nobody_in() -> None:
    delta = Package(
        mode="delta",
        enrollments=[("e2", "active", "c1", "o1", "u2", "student", "", "")],
        classes=[("c1", "tobedeleted", "1/1", "1", "k1", "homeroom", "o1", "y1")],
    )
    resolved, told = read(delta.content(), AN)
    assert {("classes.csv", 2, "status"), ("enrollments.csv", 2, "classSourcedId")} <= told
    assert "u2" not in classes_of(resolved)


def test_units_that_are_above_themselves() -> None:
    rows = [("o1", "active", "Trường", "school", "", "o2"), ("o2", "active", "Xã", "local", "", "o1"),
            ("o3", "active", "Tỉnh", "state", "", "o3")]  # fmt: skip
    orgs = table("sourcedId,status,name,type,identifier,parentSourcedId", rows)
    resolved, told = read(with_files(Package().content(), orgs=orgs))
    assert told == {("orgs.csv", row, "parentSourcedId") for row in (2, 3, 4)}
    assert classes_of(resolved) == BOTH


@pytest.mark.parametrize(
    ("written", "is_used"),
    [("2019-3-4", True), ("2019/03/04", True), ("2019-03-04T00:00:00Z", True), ("20190304", True),
     ("04/03/2019", False), ("2019-13-04", False), ("1019-03-04", False)],
)  # fmt: skip
def test_a_day_with_its_year_first_is_read_and_any_other_told(written: str, *, is_used: bool) -> None:
    demographics = table("sourcedId,status,birthDate,sex", [("u1", "active", written, "male")])
    resolved, told = read(with_files(Package().content(), demographics=demographics))
    assert told == {("demographics.csv", 2, "birthDate")}
    born = {row.key: row.birth_date for row in resolved.roster.pupils}
    assert born == {"u1": date(2019, 3, 4) if is_used else None, "u2": None}


def test_two_homerooms_of_one_name_and_ids_that_stand_twice() -> None:
    faulty = Package()
    faulty.classes.append(("c2", "active", "1.1", "1", "k1", "homeroom", "o1", "y1"))
    faulty.enrollments += [("e1", "active", "c2", "o1", "u1", "student", "", "")]
    faulty.users.append(("u1", "active", "true", "x", "Khác", "Lê", "1", "o1"))
    told = read(faulty.content())[1]
    assert {
        ("classes.csv", 3, "title"),
        ("enrollments.csv", 4, "sourcedId"),
        ("users.csv", 5, "sourcedId"),
    } <= told


def test_bulk_and_delta_mixed_without_the_files_that_may_be_missing() -> None:
    content = Package().content()
    manifest = parts(content)["manifest.csv"]
    mixed = manifest.replace("file.enrollments,bulk", "file.enrollments,delta")
    for name in ("courses", "demographics", "academicSessions"):
        mixed = mixed.replace(f"file.{name},bulk", f"file.{name},absent")
    without = with_files(content, manifest=mixed, courses=None, demographics=None, academicSessions=None)
    resolved, told = read(without)
    assert resolved.roster.gone == frozenset()
    assert classes_of(resolved) == BOTH
    assert all(file in {"classes.csv", "enrollments.csv"} for file, _, _ in told)


def test_how_another_program_writes_its_csv() -> None:
    content = Package().content()
    files = parts(content)
    lines = files["users.csv"].replace("\r\n", "\n").splitlines()
    turned = "\n".join(",".join(reversed(line.split(","))) for line in lines).replace(
        "sourcedId", "SourcedId"
    )
    manifest = files["manifest.csv"].replace("oneroster.version,1.2", "oneroster.version,v1.2.1")
    resolved, told = read(with_files(content, users="\ufeff" + turned, manifest="\ufeff" + manifest))
    assert classes_of(resolved) == BOTH
    assert ("users.csv", 1, "SourcedId") in told
