"""From a checked package to the pupils, teachers and homerooms of one school, given what is known there already."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.i18n import N_, say
from app.intake.rules import class_names, values
from app.intake.rules.rows import BadRow, PupilRow, Roster, RowError, Sex, UnreadableFileError
from app.intake.rules.values import BadValueError
from app.oneroster.rules.binding import File, Version
from app.oneroster.rules.package import echo
from app.text import clean_name, fold, natural_key, title_case_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from app.i18n import Phrase
    from app.oneroster.rules.checking import Entries, Entry
    from app.oneroster.rules.package import Package

STUDENT: Final = "student"
STAFF_ROLES: Final = frozenset(
    {"teacher", "aide", "principal", "counselor", "administrator", "siteAdministrator"}
)
LONGEST_TITLE: Final = 32
LONGEST_PERSON: Final = 100
NO_NAME: Final = "-"
"""What stands for a family name that a person does not have: the standard wants one."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A pupil whom a sourcedId was found to mean before."""

    pupil_id: int
    full_name: str
    class_name: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the school: its code and name, the days of the year, and the meaning of earlier sourcedIds."""

    code: str
    name: str
    first_day: date
    after_last: date
    today: date
    own_orgs: frozenset[str] = frozenset()
    pupils: Mapping[str, KnownPerson] = field(default_factory=dict)
    staff: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    existing: frozenset[str] = frozenset()
    """The natural keys of the classes that are there; a class that is not yet there needs a grade."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """A member of staff as the package names them."""

    key: str
    row: int
    full_name: str
    email: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Homeroom:
    """Who is homeroom teacher of a class from now on, by sourcedId; None when the package says that nobody is."""

    class_name: str
    teacher: str | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a package means for a school."""

    roster: Roster
    by_key: Mapping[str, int]
    teachers: tuple[Teacher, ...]
    homerooms: tuple[Homeroom, ...]
    classes: Mapping[str, str]


def resolve(package: Package, found: Mapping[File, Entries], known: Known) -> Resolved:
    """Return the package as it concerns one school; raise UnreadableFileError when it is about several others.

    Faults that only show here are added to the package's.
    """
    return _Resolver(package, found, known).resolved()


class _Resolver:
    def __init__(self, package: Package, found: Mapping[File, Entries], known: Known) -> None:
        self.package = package
        self.found = found
        self.known = known
        self.users = found[File.USERS]
        self.roles = self._roles()
        self.schools = self._schools()
        self.titles = self._titles()
        self.taught: dict[str, list[tuple[Entry, bool]]] = {}
        self.ended: dict[str, list[str]] = {}
        self.attended: dict[str, list[Entry]] = {}
        self.notes: list[RowError] = []
        self._told: set[tuple[File, int, str]] = set()

    def resolved(self) -> Resolved:
        self._note_deletions()
        self._sort_enrollments()
        homes = self._homes()
        grades = self._grades(homes)
        pupils = [row for key in self._students() if (row := self._pupil(key, homes, grades)) is not None]
        gone = self._gone({row.key for row in pupils}) if self.package.is_delta else None
        teachers = tuple(self._teachers())
        used = {row.class_name for row in pupils} | set(self.known.classes.values())
        classes = {key: title for key, title in self.titles.items() if title in used}
        homerooms = tuple(self._homerooms(classes, {one.key for one in teachers}))
        roster = Roster(
            pupils=tuple(pupils),
            bad=self._bad(),
            notes=tuple(self.notes),
            skipped_sheets=tuple(self.package.ignored),
            year=self._year(),
            gone=gone,
        )
        by_key = {key: person.pupil_id for key, person in self.known.pupils.items()}
        return Resolved(roster, by_key, teachers, homerooms, classes)

    # --- which school ---------------------------------------------------------------------------------------------

    def _schools(self) -> frozenset[str]:
        """Return the sourcedIds that mean this school; empty where the package is about one school only."""
        orgs = {key: org for key, org in self.found[File.ORGS].items() if not org.deleted}
        named = {
            key
            for key, org in orgs.items()
            if key in self.known.own_orgs
            or org["identifier"] == self.known.code
            or fold(org["name"]) == fold(self.known.name)
        }
        if named:
            return frozenset(named)
        meant = {
            entry["schoolSourcedId"]
            for entry in self.found[File.CLASSES].values()
            if entry["schoolSourcedId"]
        }
        for key in sorted(meant & orgs.keys()):
            if orgs[key]["type"] not in {"", "school"}:
                self._fault(
                    File.ORGS,
                    orgs[key],
                    "type",
                    say("Lớp học thuộc “%(name)s” nhưng đây không phải đơn vị loại school; vẫn dùng.",
                        name=echo(orgs[key]["name"])),
                )  # fmt: skip
        if len(meant) > 1:
            raise UnreadableFileError(
                say(
                    "Gói có lớp của %(count)s trường, không trường nào mang mã “%(code)s” ở cột identifier "
                    "của orgs.csv. Hãy ghi mã trường vào đó, hoặc xuất riêng từng trường.",
                    count=len(meant),
                    code=self.known.code,
                )
            )
        return frozenset()

    def _is_here(self, school: str) -> bool:
        return not self.schools or not school or school in self.schools

    def _note_deletions(self) -> None:
        """Say of what is to be deleted whether it is here at all, and that a class stays until a person removes it."""
        for file, entries in self.found.items():
            for entry in entries.values():
                if not entry.deleted:
                    continue
                if not self._is_known(file, entry):
                    self._fault(file, entry, "status", say(_NOT_HERE, value=echo(entry.key)))
                elif file is File.CLASSES:
                    self._fault(
                        file, entry, "status", say(_CLASS_STAYS, value=echo(self.known.classes[entry.key]))
                    )

    def _is_known(self, file: File, entry: Entry) -> bool:
        people = self.known.pupils.keys() | self.known.staff.keys()
        if file is File.CLASSES:
            return entry.key in self.known.classes
        if file is File.ORGS:
            return entry.key in self.known.own_orgs
        if file in {File.USERS, File.DEMOGRAPHICS}:
            return entry.key in people
        if file in {File.ENROLLMENTS, File.ROLES}:
            return entry["userSourcedId"] in people
        return False

    # --- classes --------------------------------------------------------------------------------------------------

    def _titles(self) -> dict[str, str]:
        """Return {sourcedId: the name under which the class is kept here} of this school's classes."""
        titles = dict(self.known.classes)
        for key, entry in self.found[File.CLASSES].items():
            if not entry.deleted and self._is_here(entry["schoolSourcedId"]):
                name = _class_title(entry["title"])
                if name is None:
                    self._fault(File.CLASSES, entry, "title", say(_LONG_TITLE, longest=LONGEST_TITLE))
                else:
                    titles[key] = name
        self._note_one_name(titles)
        return titles

    def _note_one_name(self, titles: Mapping[str, str]) -> None:
        """Say of homerooms that share a name that they become one class: here a name is what a class is known by."""
        first: dict[str, int] = {}
        for key, title in titles.items():
            entry = self.found[File.CLASSES].get(key)
            if entry is None or entry.deleted or entry["classType"] != "homeroom":
                continue
            row = first.setdefault(natural_key(title), entry.row)
            if row != entry.row:
                self._fault(File.CLASSES, entry, "title", say(_ONE_NAME, value=echo(title), first=row))

    def _is_homeroom(self, key: str) -> bool:
        entry = self.found[File.CLASSES].get(key)
        return key in self.known.classes if entry is None else entry["classType"] == "homeroom"

    def _grades(self, homes: Mapping[str, str]) -> dict[str, int]:
        """Return {class name: grade}: what the class says, else its pupils, else its title, else their ages.

        By law a child enters grade 1 in the year of the sixth birthday (Education Law 2019, art. 28).
        """
        said: dict[str, set[int]] = {}
        for key, title in self.titles.items():
            entry = self.found[File.CLASSES].get(key)
            if entry is not None:
                said.setdefault(title, set()).update(_grades_in(entry.several("grades")))
        grades: dict[str, int] = {}
        for title in set(homes.values()):
            pupils = [self.users[key] for key, home in homes.items() if home == title and key in self.users]
            if (grade := self._grade_of(title, said.get(title, set()), pupils)) is not None:
                grades[title] = grade
        return grades

    def _grade_of(self, title: str, said: set[int], pupils: list[Entry]) -> int | None:
        if len(said) == 1:
            return next(iter(said))
        counted = Counter(grade for pupil in pupils for grade in _grades_in(pupil.several("grades")))
        likely = {grade: count for grade, count in counted.items() if grade in said} or counted
        if likely:
            return min(likely, key=lambda grade: (-likely[grade], grade))
        try:
            return class_names.grade_of_class(title)
        except BadValueError:
            return self._grade_by_age(title, pupils)

    def _grade_by_age(self, title: str, pupils: list[Entry]) -> int | None:
        births = [born for one in pupils if (born := self._born(one))]
        ages = Counter(self.known.first_day.year - born.year - 5 for born in births)
        grade = ages.most_common(1)[0][0] if ages else 0
        if not 1 <= grade <= 12:  # noqa: PLR2004 - grades of general education
            return None
        if natural_key(title) not in self.known.existing:
            row = next(
                (one.row for key, one in self.found[File.CLASSES].items() if self.titles.get(key) == title), 1
            )
            said = say(_GRADE_BY_AGE, value=echo(title), grade=grade)
            self.notes.append(RowError(row, "grades", said, File.CLASSES.file_name, title))
        return grade

    # --- enrolments -----------------------------------------------------------------------------------------------

    def _sort_enrollments(self) -> None:
        """Sort the enrolments into who attends, who teaches and what has ended."""
        for entry in self.found[File.ENROLLMENTS].values():
            class_key, user_key = entry["classSourcedId"], entry["userSourcedId"]
            if not self._is_here(entry["schoolSourcedId"]):
                continue
            if entry.deleted or self._is_over(entry):
                if (
                    not entry.deleted
                    and self.package.is_delta
                    and not self._is_known(File.ENROLLMENTS, entry)
                ):
                    self._fault(File.ENROLLMENTS, entry, "endDate", say(_NOT_HERE, value=echo(user_key)))
                self.ended.setdefault(user_key, []).append(class_key)
            elif self._can_be_used(entry, class_key, user_key):
                if entry["role"] == STUDENT:
                    self.attended.setdefault(user_key, []).append(entry)
                elif entry["role"] == "teacher":
                    self.taught.setdefault(class_key, []).append((entry, entry["primary"].lower() == "true"))

    def _is_over(self, entry: Entry) -> bool:
        """Say whether an enrolment ended within the year; dates of another year are noted and not believed."""
        begins, ends = entry.dates.get("beginDate"), entry.dates.get("endDate")
        if (ends and ends <= self.known.first_day) or (begins and begins >= self.known.after_last):
            column = "endDate" if ends and ends <= self.known.first_day else "beginDate"
            self._fault(File.ENROLLMENTS, entry, column, say(_OUTSIDE))
            return False
        return bool(ends and ends <= self.known.today)

    def _can_be_used(self, entry: Entry, class_key: str, user_key: str) -> bool:
        """Check class, user and role of an enrolment; note the first thing that is wrong with it."""
        class_entry, user = self.found[File.CLASSES].get(class_key), self.users.get(user_key)
        is_deleted = class_entry is not None and class_entry.deleted
        if class_key not in self.titles or is_deleted:
            if class_entry is None or is_deleted:
                message = _CLASS_DELETED if is_deleted else _NO_CLASS
                self._fault(File.ENROLLMENTS, entry, "classSourcedId", say(message, value=echo(class_key)))
            return False
        role = self.role_of(user_key)
        if (user is None and role is None) or (user is not None and user.deleted):
            message = _USER_DELETED if user is not None else _NO_USER
            self._fault(File.ENROLLMENTS, entry, "userSourcedId", say(message, value=echo(user_key)))
            return False
        expected = STUDENT if entry["role"] == STUDENT else "staff"
        actual = STUDENT if role == STUDENT else "staff" if role in STAFF_ROLES else role
        if actual != expected:
            self._fault(
                File.ENROLLMENTS,
                entry,
                "role",
                say(_OTHER_ROLE, value=entry["role"], user=echo(user_key), role=role or ""),
            )
            return False
        return True

    def _homes(self) -> dict[str, str]:
        """Return {pupil: class name}: the homeroom, or where the package has none, the first class attended."""
        has_homerooms = any(
            self._is_homeroom(entry["classSourcedId"]) for rows in self.attended.values() for entry in rows
        )
        homes: dict[str, str] = {}
        for key, rows in self.attended.items():
            fitting = [row for row in rows if not has_homerooms or self._is_homeroom(row["classSourcedId"])]
            names = list(dict.fromkeys(self.titles[row["classSourcedId"]] for row in fitting))
            if len({natural_key(name) for name in names}) > 1:
                self._fault(
                    File.ENROLLMENTS,
                    fitting[1],
                    "classSourcedId",
                    say(_TWO_HOMES, first=names[0], other=names[1]),
                )
            if names:
                homes[key] = names[0]
        return homes

    # --- people ---------------------------------------------------------------------------------------------------

    def _roles(self) -> dict[str, list[tuple[str, bool, str]]]:
        """Return {user: [(role, is primary, org)]} of roles.csv."""
        roles: dict[str, list[tuple[str, bool, str]]] = {}
        for entry in self.found[File.ROLES].values():
            if not entry.deleted:
                what = (entry["role"], entry["roleType"] == "primary", entry["orgSourcedId"])
                roles.setdefault(entry["userSourcedId"], []).append(what)
        return roles

    def role_of(self, key: str) -> str | None:
        """Return what a user is here: from the file, else what was known before; None for nobody's role."""
        if key in self.users and self.package.version is Version.V1_1 and not self.users[key].deleted:
            return self.users[key]["role"] or None
        held = [one for one in self.roles.get(key, ()) if self._is_here(one[2])]
        if held:
            return max(held, key=lambda one: one[1])[0]
        if key in self.known.pupils:
            return STUDENT
        return "teacher" if key in self.known.staff else None

    def _is_user_here(self, user: Entry) -> bool:
        if self.package.version is Version.V1_2:
            held = self.roles.get(user.key, ())
            return not held or any(self._is_here(one[2]) for one in held)
        return not self.schools or bool(set(user.several("orgSourcedIds")) & self.schools)

    def _students(self) -> Iterable[str]:
        """Yield the pupils that the package tells something of, in its order."""
        for key, user in self.users.items():
            if user.deleted or not self._is_user_here(user):
                continue
            role = self.role_of(key)
            if role is None and self.package.version is Version.V1_2:
                self._fault(File.USERS, user, "sourcedId", say(_NO_ROLE))
            elif role == STUDENT:
                yield key
        for key in self.attended:
            if key not in self.users and key in self.known.pupils:
                yield key

    def _pupil(self, key: str, homes: Mapping[str, str], grades: Mapping[str, int]) -> PupilRow | None:
        known = self.known.pupils.get(key)
        if key not in homes and self._leaves(key):
            return None
        home = homes.get(key) or (known.class_name if known and self.package.is_delta else "")
        file = File.USERS if key in self.users else File.ENROLLMENTS
        entry = self.users.get(key) or self.attended[key][0]
        if not home:
            self._fault(file, entry, "sourcedId", say(_NO_HOME))
            return None
        if home not in grades and natural_key(home) not in self.known.existing:
            self._fault(file, entry, "grades", say(_NO_GRADE, value=echo(home)))
            return None
        try:
            said = _full_name(entry) if file is File.USERS else known.full_name if known else ""
            return self._row(key, file, entry, values.full_name(said), home, grades)
        except BadValueError as error:
            self._fault(file, entry, "givenName", error.phrase)
            return None

    def _row(
        self, key: str, file: File, entry: Entry, name: str, home: str, grades: Mapping[str, int]
    ) -> PupilRow:
        begins = [
            row.dates.get("beginDate") for row in self.attended.get(key, ()) if self._home_is(row, home)
        ]
        demographics = self.found[File.DEMOGRAPHICS].get(key)
        sexes = {"male": Sex.MALE, "female": Sex.FEMALE}
        return PupilRow(
            sheet=file.file_name,
            row=entry.row,
            code=self._code(entry) if file is File.USERS else None,
            full_name=name,
            birth_date=self._born(entry) if file is File.USERS else None,
            sex=sexes.get(demographics["sex"]) if demographics and not demographics.deleted else None,
            class_name=home,
            grade=grades.get(home),
            status_date=next((day for day in begins if day), None),
            key=key,
        )

    def _home_is(self, row: Entry, home: str) -> bool:
        return self.titles.get(row["classSourcedId"]) == home

    def _code(self, user: Entry) -> str | None:
        """Return the ministry's code where `identifier` is one; any other identifier is the other system's own."""
        try:
            return (
                values.pupil_code(user["identifier"])
                if len(user["identifier"]) == values.CODE_DIGITS
                else None
            )
        except BadValueError:
            return None

    def _born(self, user: Entry) -> date | None:
        entry = self.found[File.DEMOGRAPHICS].get(user.key)
        born = entry.dates.get("birthDate") if entry else None
        if entry is None or born is None:
            return None
        if born.year > values.OLDEST_BIRTH_YEAR and born < self.known.after_last:
            return born
        self._fault_once(File.DEMOGRAPHICS, entry, "birthDate", say(_NO_BIRTH))
        return None

    def _leaves(self, key: str) -> bool:
        """Say whether a list of changes ends the pupil's own class and names no other."""
        known = self.known.pupils.get(key)
        if known is None or not self.package.is_delta:
            return False
        ended = {self.titles.get(class_key) for class_key in self.ended.get(key, ())}
        return bool(known.class_name) and known.class_name in ended

    def _gone(self, staying: set[str | None]) -> frozenset[str]:
        deleted = {key for key, user in self.users.items() if user.deleted}
        left = {key for key in self.known.pupils if key not in staying and self._leaves(key)}
        return frozenset(deleted | left)

    # --- teachers -------------------------------------------------------------------------------------------------

    def _teachers(self) -> Iterable[Teacher]:
        for key, user in self.users.items():
            if not user.deleted and self._is_user_here(user) and self.role_of(key) in STAFF_ROLES:
                name = title_case_name(clean_name(_full_name(user)))
                if 0 < len(name) <= LONGEST_PERSON:
                    yield Teacher(key, user.row, name, user["email"].casefold(), user["identifier"])
                else:
                    self._fault(File.USERS, user, "givenName", say(_LONG_NAME, longest=LONGEST_PERSON))

    def _homerooms(self, classes: Mapping[str, str], teachers: set[str]) -> Iterable[Homeroom]:
        """Yield the homerooms whose teacher the package names: the primary one, else the only one."""
        ended = {
            class_key
            for user, keys in self.ended.items()
            if user not in self.known.pupils
            for class_key in keys
        }
        for key, title in classes.items():
            if not self._is_homeroom(key):
                continue
            rows = [
                (entry["userSourcedId"], primary)
                for entry, primary in self.taught.get(key, ())
                if entry["userSourcedId"] in teachers or entry["userSourcedId"] in self.known.staff
            ]
            chosen = [user for user, primary in rows if primary] or [
                user for user, _ in rows if len(rows) == 1
            ]
            if chosen:
                yield Homeroom(title, chosen[0])
            elif key in ended and not rows:
                yield Homeroom(title, None)

    # --- what is shown --------------------------------------------------------------------------------------------

    def _year(self) -> str | None:
        """Return the school year that the package's sessions begin in, such as 2026-2027."""
        starts = [
            entry.dates["startDate"]
            for entry in self.found[File.SESSIONS].values()
            if "startDate" in entry.dates
        ]
        if not starts:
            return None
        first = min(starts)
        year = first.year if first.month >= 6 else first.year - 1  # noqa: PLR2004 - June
        return f"{year}-{year + 1}"

    def _fault(self, file: File, entry: Entry, column: str, message: Phrase) -> None:
        self.package.fault(file.file_name, entry.row, column, message, entry[column])

    def _fault_once(self, file: File, entry: Entry, column: str, message: Phrase) -> None:
        if (file, entry.row, column) not in self._told:
            self._told.add((file, entry.row, column))
            self._fault(file, entry, column, message)

    def _bad(self) -> tuple[BadRow, ...]:
        """Return the faults as rows, so that a pupil whose row is bad does not count as missing."""
        keys = {record.row: record["sourcedId"] for record in self.package.records.get(File.USERS, ())}
        rows: dict[tuple[str, int], list[RowError]] = {}
        for fault in self.package.faults:
            error = RowError(fault.row, fault.column, fault.message, fault.file, fault.value)
            rows.setdefault((fault.file, fault.row), []).append(error)
        users = File.USERS.file_name
        return tuple(
            BadRow(file, row, tuple(errors), key=keys.get(row) if file == users else None)
            for (file, row), errors in sorted(rows.items(), key=lambda item: item[0])
        )


def _full_name(user: Entry) -> str:
    """Return the name in Vietnamese order: family, middle, given."""
    parts = (user["familyName"], user["middleName"], user["givenName"])
    return " ".join(part for part in parts if part and part != NO_NAME)


def _class_title(title: str) -> str | None:
    try:
        return class_names.class_name(title)
    except BadValueError:
        name = clean_name(title)
        return name if 0 < len(name) <= LONGEST_TITLE else None


def _grades_in(items: Iterable[str]) -> list[int]:
    numbers = [int(item) for item in items if item.isascii() and item.isdecimal() and len(item) <= 2]  # noqa: PLR2004
    return [number for number in numbers if 1 <= number <= 12]  # noqa: PLR2004 - grades of general education


_LONG_TITLE: Final = N_("Tên lớp dài hơn %(longest)s ký tự; bỏ qua lớp này.")
_LONG_NAME: Final = N_("Thiếu họ tên, hoặc họ tên dài hơn %(longest)s ký tự; bỏ qua dòng này.")
_OUTSIDE: Final = N_("Ngày này nằm ngoài năm học đang nhập; vẫn dùng dòng này, bỏ qua ngày.")
_NOT_HERE: Final = N_(
    "“%(value)s” được ghi là xóa hoặc đã kết thúc nhưng ở đây không có; không có gì để làm."
)
_CLASS_STAYS: Final = N_(
    "Lớp %(value)s được ghi là xóa nhưng vẫn được giữ ở đây; nếu cần, hãy xóa ở trang Lớp."
)
_ONE_NAME: Final = N_("Lớp “%(value)s” trùng tên với lớp ở dòng %(first)s; hai lớp được nhập thành một.")
_NO_BIRTH: Final = N_("Ngày sinh này không hợp lý; bỏ qua ô này.")
_NO_CLASS: Final = N_("Không có lớp “%(value)s” trong classes.csv; bỏ qua dòng này.")
_CLASS_DELETED: Final = N_("Lớp “%(value)s” đã được đánh dấu xóa (tobedeleted); bỏ qua dòng này.")
_NO_USER: Final = N_("Không có “%(value)s” trong users.csv; bỏ qua dòng này.")
_USER_DELETED: Final = N_("“%(value)s” đã được đánh dấu xóa (tobedeleted); bỏ qua dòng này.")
_OTHER_ROLE: Final = N_(
    "Dòng này ghi vai trò “%(value)s” nhưng “%(user)s” có vai trò “%(role)s”; bỏ qua dòng này."
)
_TWO_HOMES: Final = N_("Học sinh này được xếp vào hai lớp (%(first)s và %(other)s); dùng lớp %(first)s.")
_NO_ROLE: Final = N_("Không có vai trò trong roles.csv; bỏ qua dòng này.")
_NO_HOME: Final = N_("Học sinh không được xếp vào lớp nào trong enrollments.csv; bỏ qua dòng này.")
_GRADE_BY_AGE: Final = N_("Lớp “%(value)s” không ghi khối; lấy khối %(grade)s theo năm sinh của học sinh.")
_NO_GRADE: Final = N_("Không biết lớp “%(value)s” thuộc khối nào. Hãy ghi grades cho lớp; bỏ qua dòng này.")
