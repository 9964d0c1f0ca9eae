"""What a person sees of a comparison before confirming it, and its form in storage."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from app.i18n import Phrase
from app.intake.rules.rows import FIELD_NAMES, Field
from app.text import natural_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from app.intake.rules.comparing import Comparison, FieldChange
    from app.intake.rules.rows import BadRow, PupilRow, Roster, RowError


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class in figures: who comes, who is moved in, whose data change, who leaves. `is_new`: it will be made."""

    name: str
    arrivals: int = 0
    moved_in: int = 0
    updated: int = 0
    leavers: int = 0
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A changed field: its name (a message id), the old and the new value."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PupilLine:
    """A pupil in a list: where in the file, who, which class; `was` is the class left, `changes` the fields."""

    sheet: str
    row: int | None
    full_name: str
    birth_date: str
    class_name: str
    was: str = ""
    changes: tuple[ChangeLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a cell: the column's heading, the message, the cell."""

    column: str
    message: Phrase
    value: str = ""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A bad row: where it is, what is wrong, and its own cells by (heading, text)."""

    sheet: str
    row: int
    full_name: str
    remarks: tuple[Remark, ...]
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that the preview shows. `columns` are (meaning as message id, heading of the file)."""

    numbers: dict[str, int]
    enrolled_before: int
    many_are_missing: bool
    classes: tuple[ClassLine, ...]
    arrivals: tuple[PupilLine, ...]
    updated: tuple[PupilLine, ...]
    moved: tuple[PupilLine, ...]
    marked: tuple[PupilLine, ...]
    missing: tuple[PupilLine, ...]
    bad: tuple[BadLine, ...]
    notes: tuple[BadLine, ...]
    columns: tuple[tuple[str, str], ...]
    not_imported: tuple[str, ...]
    unknown: tuple[str, ...]
    skipped_sheets: tuple[str, ...]
    year: str | None

    @property
    def changes_nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not any(self.numbers[name] for name in ("new", "updated", "moved", "left", "missing"))


def preview_of(roster: Roster, comparison: Comparison, existing_classes: Iterable[str]) -> Preview:
    """Return what is shown of a comparison; classes in natural order, pupils in the order of a class list."""
    headings = {field: heading for field, heading in roster.columns.items() if heading}
    return Preview(
        numbers=comparison.numbers() | {"bad": len(comparison.bad)},
        enrolled_before=comparison.enrolled_before,
        many_are_missing=comparison.many_are_missing,
        classes=_class_lines(comparison, existing_classes),
        arrivals=_sorted(_line(item.row, changes=item.changes) for item in comparison.arrivals),
        updated=_sorted(_line(item.row, changes=item.changes) for item in comparison.updated),
        moved=_sorted(_line(item.row, was=item.moved_from or "") for item in comparison.moved),
        marked=_sorted(
            _line(item.row, was=item.pupil.class_name or "")
            for item in comparison.marked
            if item.row is not None
        ),
        missing=_sorted(
            PupilLine(
                "", None, item.pupil.full_name, _day(item.pupil.birth_date), item.pupil.class_name or ""
            )
            for item in comparison.missing
        ),
        bad=tuple(_bad_line(row, headings) for row in comparison.bad),
        notes=tuple(
            BadLine(note.sheet, note.row, "", (Remark(note.column, note.message, note.value),))
            for note in roster.notes
        ),
        columns=tuple((FIELD_NAMES[field], heading) for field, heading in headings.items()),
        not_imported=roster.not_imported,
        unknown=roster.unknown,
        skipped_sheets=roster.skipped_sheets,
        year=roster.year,
    )


def _class_lines(comparison: Comparison, existing: Iterable[str]) -> tuple[ClassLine, ...]:
    there = {natural_key(name): name for name in existing}
    counts: dict[str, dict[str, int]] = {}
    names: dict[str, str] = {}

    def count(class_name: str, what: str) -> None:
        key = natural_key(class_name)
        names.setdefault(key, there.get(key, class_name))
        of_class = counts.setdefault(key, {"arrivals": 0, "moved_in": 0, "updated": 0, "leavers": 0})
        of_class[what] += 1

    for arrival in comparison.arrivals:
        count(arrival.row.class_name, "arrivals")
    for kept in comparison.moved:
        count(kept.row.class_name, "moved_in")
    for kept in comparison.updated:
        count(kept.row.class_name, "updated")
    for leaver in (*comparison.marked, *comparison.missing):
        count(leaver.pupil.class_name or "", "leavers")
    return tuple(
        ClassLine(names[key], **counts[key], is_new=key not in there) for key in sorted(counts) if key
    )


def _line(row: PupilRow, *, was: str = "", changes: tuple[FieldChange, ...] = ()) -> PupilLine:
    return PupilLine(
        row.sheet,
        row.row,
        row.full_name,
        _day(row.birth_date),
        row.class_name,
        was,
        tuple(ChangeLine(FIELD_NAMES[change.field], change.old, change.new) for change in changes),
    )


def _bad_line(row: BadRow, headings: dict[Field, str]) -> BadLine:
    return BadLine(
        row.sheet,
        row.row,
        row.full_name,
        tuple(_remark(error) for error in row.errors),
        tuple((headings.get(field, FIELD_NAMES[field]), text) for field, text in row.cells.items()),
    )


def _remark(error: RowError) -> Remark:
    return Remark(error.column, error.message, error.value)


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _sorted(lines: Iterable[PupilLine]) -> tuple[PupilLine, ...]:
    return tuple(sorted(lines, key=lambda line: (natural_key(line.class_name), sort_key(line.full_name))))


# --- storage ------------------------------------------------------------------------------------------------------


def to_json(preview: Preview) -> str:
    """Return a preview as JSON text."""
    return json.dumps(_plain(preview), ensure_ascii=False, separators=(",", ":"))


def fingerprint(preview: Preview) -> str:
    """Return a digest of what would be written and what not: two previews with the same one show the same changes."""
    shown = (preview.arrivals, preview.updated, preview.moved, preview.marked, preview.missing, preview.bad)
    return hashlib.sha256(json.dumps(_plain(shown), ensure_ascii=False).encode()).hexdigest()


def from_json(text: str) -> Preview:
    """Return the preview that `to_json` wrote."""
    said = json.loads(text)
    return Preview(
        numbers=said["numbers"],
        enrolled_before=said["enrolled_before"],
        many_are_missing=said["many_are_missing"],
        classes=tuple(ClassLine(**line) for line in said["classes"]),
        arrivals=_pupil_lines(said["arrivals"]),
        updated=_pupil_lines(said["updated"]),
        moved=_pupil_lines(said["moved"]),
        marked=_pupil_lines(said["marked"]),
        missing=_pupil_lines(said["missing"]),
        bad=_bad_lines(said["bad"]),
        notes=_bad_lines(said["notes"]),
        columns=tuple((name, heading) for name, heading in said["columns"]),
        not_imported=tuple(said["not_imported"]),
        unknown=tuple(said["unknown"]),
        skipped_sheets=tuple(said["skipped_sheets"]),
        year=said["year"],
    )


def phrase_to_json(message: str) -> str:
    """Return a message as JSON text, so that it can be told in another language later."""
    phrase = message if isinstance(message, Phrase) else Phrase(message, {})
    return json.dumps(_plain(phrase), ensure_ascii=False)


def phrase_from_json(text: str) -> Phrase:
    """Return the message that `phrase_to_json` wrote."""
    said = json.loads(text)
    return Phrase(said["msgid"], said["params"])


def _pupil_lines(said: Sequence[dict[str, Any]]) -> tuple[PupilLine, ...]:
    return tuple(
        PupilLine(**(line | {"changes": tuple(ChangeLine(**change) for change in line["changes"])}))
        for line in said
    )


def _bad_lines(said: Sequence[dict[str, Any]]) -> tuple[BadLine, ...]:
    return tuple(
        BadLine(
            line["sheet"],
            line["row"],
            line["full_name"],
            tuple(
                Remark(
                    remark["column"],
                    Phrase(remark["message"]["msgid"], remark["message"]["params"]),
                    remark["value"],
                )
                for remark in line["remarks"]
            ),
            tuple((heading, text) for heading, text in line["cells"]),
        )
        for line in said
    )


def _plain(value: object) -> object:
    """Return JSON values; a phrase keeps its message id, so that it can still be told in another language."""
    if isinstance(value, Phrase):
        return {"msgid": value.msgid, "params": value.params}
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
