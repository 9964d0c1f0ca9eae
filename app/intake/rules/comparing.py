"""What a roster would change: each of its pupils against those whom the school knows. Nothing is written here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.i18n import N_, Phrase, say
from app.intake.rules.rows import FIELD_NAMES, BadRow, Field, RowError
from app.text import fold, natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from app.contacts.rules import ContactField
    from app.intake.rules.rows import PupilRow, Roster

MISSING_LIMIT: Final = 0.10
"""When more of the enrolled pupils than this are missing from a file, the file is likelier wrong than the school."""


@dataclass(frozen=True, slots=True)
class KnownPupil:
    """A pupil whom the installation knows. `class_name` is set while the pupil is in a class of the school and year.

    `here`: enrolled at the school in the year; `elsewhere`: enrolled at another school; neither: was here before.
    """

    id: int
    code: str | None
    full_name: str
    birth_date: date | None
    sex: str | None
    ethnicity: str | None = None
    disability: str | None = None
    status: str | None = None
    class_name: str | None = None
    here: bool = True
    elsewhere: bool = False
    contact: Mapping[ContactField, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """An old and a new value, as a person reads them; "" for none."""

    field: Field
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row that enrols a pupil: a new one, or (`pupil_id`) one who was known and comes (back) to the school."""

    row: PupilRow
    pupil_id: int | None = None
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of an enrolled pupil, with what it changes and, for a move, the class left behind."""

    row: PupilRow
    pupil_id: int
    changes: tuple[FieldChange, ...] = ()
    moved_from: str | None = None


@dataclass(frozen=True, slots=True)
class Leaver:
    """An enrolled pupil who would leave: marked so in a row, or missing from the file (`row` is None)."""

    pupil: KnownPupil
    row: PupilRow | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a roster would do. A pupil who is renamed and moved counts in both."""

    arrivals: tuple[Arrival, ...]
    kept: tuple[Kept, ...]
    marked: tuple[Leaver, ...]
    missing: tuple[Leaver, ...]
    bad: tuple[BadRow, ...]
    enrolled_before: int

    @property
    def updated(self) -> tuple[Kept, ...]:
        """Enrolled pupils of whom some field changes."""
        return tuple(kept for kept in self.kept if kept.changes)

    @property
    def moved(self) -> tuple[Kept, ...]:
        """Enrolled pupils who change class."""
        return tuple(kept for kept in self.kept if kept.moved_from is not None)

    @property
    def unchanged(self) -> int:
        """How many enrolled pupils the file confirms as they are."""
        return sum(1 for kept in self.kept if not kept.changes and kept.moved_from is None)

    @property
    def many_are_missing(self) -> bool:
        """Whether so many are missing that ending their enrolment needs a second confirmation."""
        return len(self.missing) > MISSING_LIMIT * self.enrolled_before

    def known_ids(self, *, ends_missing: bool) -> frozenset[int]:
        """Return the pupils, known before, about whom something is written."""
        return frozenset(
            [
                *(item.pupil_id for item in self.arrivals if item.pupil_id is not None),
                *(kept.pupil_id for kept in (*self.updated, *self.moved)),
                *(leaver.pupil.id for leaver in (*self.marked, *(self.missing if ends_missing else ()))),
            ]
        )

    def numbers(self) -> dict[str, int]:
        """Return the counts by their names on the command line: `left` says the file, `missing` are only proposed."""
        return {
            "new": len(self.arrivals),
            "updated": len(self.updated),
            "unchanged": self.unchanged,
            "moved": len(self.moved),
            "left": len(self.marked),
            "missing": len(self.missing),
        }


def compare(
    roster: Roster, known: Iterable[KnownPupil], by_key: Mapping[str, int] | None = None
) -> Comparison:
    """Match rows to pupils, by key, by ministry code, else by folded name, birth date and sex; never by a guess.

    `by_key` says which pupil (id) a key of the file's system was found to mean before.

    A row that fits several pupils, or a pupil whom another row has already, becomes a bad row. Pupils of whom the
    file has a bad row do not count as missing.
    """
    matcher = _Matcher(list(known), by_key or {})
    for row in sorted(roster.pupils, key=matcher.certainty):
        matcher.take(row)
    matcher.protect(roster.bad)
    return matcher.result(roster)


@dataclass(slots=True)
class _Matcher:
    known: list[KnownPupil]
    by_key: Mapping[str, int]
    arrivals: list[Arrival] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    marked: list[Leaver] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    _rows_of: dict[int, PupilRow] = field(default_factory=dict)
    _protected: set[int] = field(default_factory=set)
    _has_key: frozenset[int] = frozenset()
    _by_id: dict[int, KnownPupil] = field(default_factory=dict)
    _by_code: dict[str, KnownPupil] = field(default_factory=dict)
    _by_name: dict[str, list[KnownPupil]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._has_key = frozenset(self.by_key.values())
        for pupil in self.known:
            self._by_id[pupil.id] = pupil
            if pupil.code:
                self._by_code[pupil.code] = pupil
            if not pupil.elsewhere:
                self._by_name[fold(pupil.full_name)].append(pupil)

    def certainty(self, row: PupilRow) -> int:
        """Return the order in which rows choose their pupils: those known by key, then by code, then by name."""
        return 0 if row.key in self.by_key else 1 if row.code else 2

    def take(self, row: PupilRow) -> None:
        """Find the row's pupil and put the row where it belongs."""
        keyed = self.by_key.get(row.key) if row.key else None
        found = self._by_id.get(keyed) if keyed is not None else None
        found = found or self._by_code.get(row.code or "")
        candidates = [found] if found else self._namesakes(row)
        if len(candidates) > 1:
            self._refuse(row, Field.NAME, say(_SEVERAL, count=len(candidates)))
        elif not candidates:
            self._arrive(row, None)
        else:
            self._match(row, candidates[0])

    def _match(self, row: PupilRow, pupil: KnownPupil) -> None:
        if earlier := self._rows_of.get(pupil.id):
            self._refuse(row, Field.NAME, say(_TAKEN, row=earlier.row))
        elif _is_another_person(row, pupil):
            self._refuse(row, Field.CODE, say(_ANOTHER_PERSON, code=row.code))
            self._protected.add(pupil.id)
        elif pupil.elsewhere and not pupil.here:
            self._refuse(row, Field.CODE, say(_ELSEWHERE, code=row.code))
        else:
            self._rows_of[pupil.id] = row
            self._place(row, pupil)

    def _place(self, row: PupilRow, pupil: KnownPupil) -> None:
        if not row.is_studying:
            if pupil.here:
                self.marked.append(Leaver(pupil, row))
        elif not pupil.here:
            self._arrive(row, pupil)
        else:
            moves = natural_key(row.class_name) != natural_key(pupil.class_name or "")
            self.kept.append(
                Kept(row, pupil.id, changes_between(row, pupil), (pupil.class_name or "") if moves else None)
            )

    def _arrive(self, row: PupilRow, pupil: KnownPupil | None) -> None:
        if row.is_studying:
            changes = changes_between(row, pupil) if pupil else ()
            self.arrivals.append(Arrival(row, pupil.id if pupil else None, changes))

    def _namesakes(self, row: PupilRow) -> list[KnownPupil]:
        """Return the pupils whom a row may mean when no code says so: enrolled ones first, then those of its class."""
        alike = [
            pupil
            for pupil in self._by_name.get(fold(row.full_name), ())
            if not (row.key and pupil.id in self._has_key) and _may_be(row, pupil)
        ]
        for narrower in (
            [pupil for pupil in alike if pupil.here],
            [pupil for pupil in alike if natural_key(pupil.class_name or "") == natural_key(row.class_name)],
        ):
            if len(alike) > 1 and narrower:
                alike = narrower
        return alike

    def _refuse(self, row: PupilRow, wanted: Field, message: Phrase) -> None:
        error = RowError(row.row, FIELD_NAMES[wanted], message, row.sheet, row.code or "")
        cells: Mapping[Field, str] = {
            Field.CODE: row.code or "",
            Field.NAME: row.full_name,
            Field.BIRTH_DATE: _day(row.birth_date),
            Field.CLASS: row.class_name,
            Field.SEX: SEX_NAMES.get(row.sex or "", ""),
            Field.GRADE: str(row.grade or ""),
            Field.ETHNICITY: row.ethnicity.name if row.ethnicity else "",
            Field.DISABILITY: row.disability or "",
            Field.STATUS: row.status or "",
            Field.STATUS_DATE: _day(row.status_date),
        }
        cells = {wanted: text for wanted, text in cells.items() if text}
        self.bad.append(
            BadRow(row.sheet, row.row, (error,), row.code, row.full_name, row.birth_date, cells, row.key)
        )

    def protect(self, bad: Iterable[BadRow]) -> None:
        """Keep the pupils of bad rows from counting as missing."""
        for row in [*bad, *self.bad]:
            if row.code and row.code in self._by_code:
                self._protected.add(self._by_code[row.code].id)
            if row.key and row.key in self.by_key:
                self._protected.add(self.by_key[row.key])
            self._protected |= {
                pupil.id
                for pupil in self._by_name.get(fold(row.full_name), ())
                if row.birth_date is None or pupil.birth_date in {None, row.birth_date}
            }

    def result(self, roster: Roster) -> Comparison:
        """Return the comparison, everything in the order of the file."""
        enrolled = [pupil for pupil in self.known if pupil.here]
        seen = self._protected | self._rows_of.keys()
        if roster.gone is not None:
            gone = {self.by_key[key] for key in roster.gone if key in self.by_key}
            seen |= {pupil.id for pupil in enrolled if pupil.id not in gone}
        place = {(row.sheet, row.row): number for number, row in enumerate(roster.pupils)}
        return Comparison(
            arrivals=tuple(sorted(self.arrivals, key=lambda item: place[item.row.sheet, item.row.row])),
            kept=tuple(sorted(self.kept, key=lambda item: place[item.row.sheet, item.row.row])),
            marked=tuple(self.marked),
            missing=tuple(Leaver(pupil) for pupil in enrolled if pupil.id not in seen),
            bad=roster.bad + tuple(self.bad),
            enrolled_before=len(enrolled),
        )


_SEVERAL: Final = N_(
    "Có %(count)s học sinh trùng họ tên, ngày sinh với dòng này. Hãy ghi mã học sinh để biết là em nào."
)
_TAKEN: Final = N_("Dòng này và dòng %(row)s cùng chỉ một học sinh. Hãy bỏ bớt một dòng.")
_ANOTHER_PERSON: Final = N_(
    "Mã %(code)s đang là của một học sinh khác cả họ tên lẫn ngày sinh. Hãy kiểm tra lại mã ở dòng này."
)
_ELSEWHERE: Final = N_(
    "Học sinh mang mã %(code)s đang học ở một trường khác trong hệ thống. "
    "Trường đó cần ghi chuyển đi trước, sau đó hãy nhập lại."
)
HIDDEN: Final = "•••"
SEX_NAMES: Final = {"M": N_("Nam"), "F": N_("Nữ")}


def _may_be(row: PupilRow, pupil: KnownPupil) -> bool:
    """Say whether a pupil of the same folded name may be the row's: same birth date, same sex, no two codes."""
    if pupil.birth_date != row.birth_date or (row.code and pupil.code):
        return False
    return pupil.sex is None or pupil.sex == row.sex


def _is_another_person(row: PupilRow, pupil: KnownPupil) -> bool:
    """Say whether a code found a pupil of another name born on another day: it was typed wrongly then."""
    differs = row.birth_date is not None and pupil.birth_date not in {None, row.birth_date}
    return differs and fold(pupil.full_name) != fold(row.full_name)


def changes_between(row: PupilRow, pupil: KnownPupil) -> tuple[FieldChange, ...]:
    """Return the fields that a row changes. What the file leaves empty is never taken away from what is known."""
    pairs = (
        (Field.CODE, pupil.code or "", row.code or ""),
        (Field.NAME, pupil.full_name, row.full_name),
        (Field.BIRTH_DATE, _day(pupil.birth_date), _day(row.birth_date)),
        (Field.SEX, SEX_NAMES.get(pupil.sex or "", ""), SEX_NAMES.get(row.sex or "", "")),
        (Field.ETHNICITY, pupil.ethnicity or "", row.ethnicity.name if row.ethnicity else ""),
        (Field.DISABILITY, pupil.disability or "", row.disability or ""),
        (Field.STATUS, (pupil.status or "") if pupil.here else "", row.status or "" if pupil.here else ""),
    )
    changes = tuple(FieldChange(what, old, new) for what, old, new in pairs if new and new != old)
    return changes + _contact_changes(row, pupil)


def _contact_changes(row: PupilRow, pupil: KnownPupil) -> tuple[FieldChange, ...]:
    """Return which contact data change, without their values: a preview is kept as history, longer than they may be."""
    return tuple(
        FieldChange(Field(kind.value), HIDDEN if pupil.contact.get(kind) else "", HIDDEN)
        for kind, value in row.contact.items()
        if value != pupil.contact.get(kind)
    )


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
