"""The golden cases of cases.md, executed: the file says in plain words and tables what every indicator must give."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

from app.school.rules import Level
from reports.indicators.rules import CATALOGUE, Count, definition, evaluate, is_known
from reports.tallies.rules import (
    ClassLine,
    CohortLine,
    Entered,
    Ethnicity,
    GradeTotals,
    Lines,
    Move,
    MoveLine,
    Outcome,
    Person,
    PupilLine,
    Selection,
    Tally,
    reconstructed,
    tally,
)

CASES: Final = Path(__file__).with_name("cases.md")
DAY: Final = date(2026, 10, 31)
Row = dict[str, str]
SELECTIONS: Final = {
    "": None,
    "cấp 2": Selection(level=Level.LOWER_SECONDARY),
    "khối 6": Selection(grade=6),
    "khối 7": Selection(grade=7),
    "khối 8": Selection(grade=8),
    "nữ": Selection(sex="F"),
    "dân tộc Kinh": Selection(ethnicity=Ethnicity.KINH),
    "dân tộc khác": Selection(ethnicity=Ethnicity.OTHER),
}
ETHNICITIES: Final = {"Kinh": Ethnicity.KINH, "khác": Ethnicity.OTHER, "": None}
OUTCOMES: Final = {
    "lên lớp": Outcome.PROMOTED, "lưu ban": Outcome.REPEATED, "không": Outcome.GONE, "": None
}  # fmt: skip


@dataclass
class Case:
    """A heading of the file with its tables, by the name of their first column."""

    name: str
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        return self.tables.get(table, [])


def cases() -> list[Case]:
    found: list[Case] = []
    head: list[str] = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append(Case(line[3:]))
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            head = []
        elif not head:
            head = cells
            found[-1].tables[head[0]] = []
        elif not set(line) <= set("|- "):
            found[-1].tables[head[0]].append(dict(zip(head, cells, strict=True)))
    return found


def number(text: str) -> int:
    """A stable number for a name: a class, a school, a pupil."""
    return zlib.crc32(text.encode())


def amount(row: Row, column: str) -> int:
    return int(row.get(column) or 0)


def lines_of(case: Case) -> Lines:
    grades = {row["Lớp"]: int(row["Khối"]) for row in case.rows("Lớp")}
    schools = {name.split("/")[0] for name in grades}
    return Lines(
        year=2026,
        schools=frozenset(map(number, schools)),
        pupils=tuple(line for row in case.rows("Học sinh") for line in pupils_of(row, grades)),
        classes=tuple(class_of(row, case) for row in case.rows("Lớp")),
        moves=tuple(line for row in case.rows("Học sinh") for line in moves_of(row, grades)),
        cohort=tuple(line for row in case.rows("Học sinh") for line in cohort_of(row, grades)),
        teachers={
            number(school): frozenset(
                int(row["Giáo viên"]) for row in case.rows("Giáo viên") if row["Trường"] == school
            )
            for school in schools
            if case.rows("Giáo viên")
        },
        entered=tuple(
            Entered(
                number(row["Trường"]),
                Count(row["Nhập"]),
                int(row["Số"]),
                Level(row["Cấp"]) if row["Cấp"] else None,
            )
            for row in case.rows("Nhập")
        ),
    )


def people(row: Row) -> list[Person]:
    """The pupils of a row; a pupil who stands in several rows has the same name there."""
    return [
        Person(
            number(f"{row['Học sinh']} {place}"),
            row.get("Giới") or None,
            ETHNICITIES[row.get("Dân tộc", "")],
            birth_year=int(row["Năm sinh"]) if row.get("Năm sinh") else None,
        )
        for place in range(int(row["Số em"]))
    ]


def pupils_of(row: Row, grades: dict[str, int]) -> list[PupilLine]:
    return [
        PupilLine(
            person,
            number(row["Lớp"].split("/")[0]),
            number(row["Lớp"]),
            grades[row["Lớp"]],
            row.get("Có tên", "có") == "có",
            expected=amount(row, "Số buổi"),
            excused=amount(row, "P"),
            unexcused=amount(row, "K"),
            pending=amount(row, "?"),
            late=amount(row, "T"),
            absent_in_year=amount(row, "Vắng từ đầu năm"),
            is_invited=bool(row.get("Tham gia")),
            took_part=row.get("Tham gia") == "có",
        )
        for person in people(row)
    ]


def class_of(row: Row, case: Case) -> ClassLine:
    size = sum(
        int(pupil["Số em"])
        for pupil in case.rows("Học sinh")
        if pupil["Lớp"] == row["Lớp"] and pupil.get("Có tên", "có") == "có"
    )
    columns = ("Phải điểm danh", "Đã điểm danh", "Đúng ngày", "Tiết", "Trả lời", "Có thể", "Lượt lưu")
    return ClassLine(
        number(row["Lớp"]),
        number(row["Lớp"].split("/")[0]),
        int(row["Khối"]),
        size,
        *(amount(row, column) for column in columns),
    )


def moves_of(row: Row, grades: dict[str, int]) -> list[MoveLine]:
    if not row.get("Chuyển"):
        return []
    other = number(row["Trường kia"]) if row["Trường kia"] else None
    move = Move.ARRIVED if row["Chuyển"] == "đến" else Move.DEPARTED
    school, class_id = number(row["Lớp"].split("/")[0]), number(row["Lớp"])
    return [MoveLine(one, school, class_id, grades[row["Lớp"]], move, other) for one in people(row)]


def cohort_of(row: Row, grades: dict[str, int]) -> list[CohortLine]:
    if not row.get("Đầu năm"):
        return []
    school, class_id = number(row["Lớp"].split("/")[0]), number(row["Lớp"])
    has_left, outcome = row["Đầu năm"] == "thôi học", OUTCOMES[row["Năm sau"]]
    return [CohortLine(one, school, class_id, grades[row["Lớp"]], has_left, outcome) for one in people(row)]


def tally_of(case: Case, row: Row) -> Tally:
    if case.rows("Tổng của"):
        return published(case, row["Nơi"])
    if row["Chỉ tiêu"].endswith("_reconstructed"):
        chosen = SELECTIONS[row.get("Chọn", "")]
        return reconstructed(totals_of(case, row["Nơi"]), chosen.grade if chosen else None)
    lines, place = lines_of(case), row["Nơi"]
    if "/" in place:
        there = lines.of_class(number(place))
    else:
        there = lines.of_schools([number(school) for school in place.split("+")])
    return tally(there, selection=SELECTIONS[row.get("Chọn", "")])


def totals_of(case: Case, place: str) -> list[GradeTotals]:
    """The totals of two years by grade, added up over the places that are named."""
    rows = [row for row in case.rows("Hai năm") if row["Hai năm"] in place.split("+")]
    return [
        GradeTotals(
            grade,
            *(
                sum(amount(row, column) for row in rows if int(row["Khối"]) == grade)
                for column in ("Năm trước", "Năm sau", "Lưu ban")
            ),
        )
        for grade in sorted({int(row["Khối"]) for row in rows})
    ]


def published(case: Case, place: str) -> Tally:
    """Sums that somebody else published, added up over the places that are named."""
    sums = [row for row in case.rows("Tổng của") if row["Tổng của"] in place.split("+")]
    return Tally({Count(name): sum(int(row[name]) for row in sums) for name in sums[0] if name != "Tổng của"})


EXPECTED: Final = [
    pytest.param(
        case, row, id=f"{case.name.split('.')[0]}-{row['Nơi']}-{row['Chỉ tiêu']}-{row.get('Chọn', '')}"
    )
    for case in cases()
    for row in case.rows("Nơi")
]


@pytest.mark.parametrize(("case", "row"), EXPECTED)
def test_golden(case: Case, row: Row) -> None:
    counts, indicator = tally_of(case, row), definition(row["Chỉ tiêu"], DAY)
    if row["Tử số"] == "–":
        assert not is_known(indicator, counts)
        return
    assert is_known(indicator, counts)
    value = evaluate(indicator, counts)
    denominator = None if row["Mẫu số"] == "–" else int(row["Mẫu số"])
    assert (value.numerator, value.denominator) == (int(row["Tử số"]), denominator)
    assert value.is_provisional == (row["Tạm tính"] == "có")
    if row["Kết quả"] == "–":
        assert value.shown is None
    else:
        assert value.shown is not None
        result = row["Kết quả"].replace(",", ".")
        last = Fraction(1, 10 ** len(result.partition(".")[2]))
        assert abs(value.shown - Fraction(result)) <= min(last / 2, Fraction(1, 2000))


def test_every_indicator_has_a_golden_case() -> None:
    assert {row["Chỉ tiêu"] for case in cases() for row in case.rows("Nơi")} == {
        item.code for item in CATALOGUE
    }


def test_the_file_is_readable_by_people() -> None:
    text = CASES.read_text(encoding="utf-8")
    numbers = [int(found) for found in re.findall(r"^## (\d+)\.", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
