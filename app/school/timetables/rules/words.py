"""How the cells of timetable files are written: weekdays, sessions, periods, and a lesson in a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.school.rules import DaySession, session_named
from app.school.timetables.rules.grid import LONGEST_ROOM, MOST_PERIODS
from app.school.timetables.rules.weeks import WeekPattern
from app.text import clean_text, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DAYS: Final = {"hai": 1, "ba": 2, "tu": 3, "nam": 4, "sau": 5, "bay": 6, "cn": 7, "chu nhat": 7}
_DAY: Final = re.compile(
    r"(?:(?:thu|t)\.? ?)?(hai|ba|tu|nam|sau|bay)|(?:thu|t)\.? ?([2-7])|(cn|chu nhat)", re.ASCII
)
_SESSION_IN_TITLE: Final = re.compile(r"\b(?:buoi |tkb |ca )(sang|chieu|toi)\b")
_PERIOD: Final = re.compile(
    r"(?:tiet thu|tiet|t)?\.? ?(\d{1,2})(?: ?[(\n].*| ?[-–:] .*| \d{1,2} ?[h:g] ?\d{2}.*)?", re.DOTALL
)
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7}
_DATE_BEHIND: Final = re.compile(r"\s*[-–,:(]?\s*(?:ngay )?\d{1,2}[/.\-]\d{1,2}(?:[/.\-]\d{2,4})?\)?$")
"""'Thứ 2 (07/09)' is every Monday of the version."""
_WEEKS: Final = {"le": WeekPattern.ODD, "chan": WeekPattern.EVEN}
_WEEKS_FIRST: Final = re.compile(r"(?:tuần|tuan|t\.)? ?(lẻ|le|chẵn|chan) ?[:\-–] ?", re.IGNORECASE)
_WEEKS_LAST: Final = re.compile(r"\s*\((?:tuần |tuan )?(lẻ|le|chẵn|chan)\)\s*$", re.IGNORECASE)
_ROOM: Final = re.compile(
    r"\s*(?:[-–,;\n]\s*)?(?:\((?:phòng|phong|p\.) ?([^()]+)\)|(?:[-–,;\n]\s*)(?:phòng|phong|p\.) ?(.+))$",
    re.IGNORECASE,
)
_IN_BRACKETS: Final = re.compile(r"(.+?)\s*\(([^()]+)\)", re.DOTALL)
_JOINERS: Final = (re.compile(r"\s+[-–]\s+"), re.compile(r"\s*:\s*"), re.compile(r"[-–]"), re.compile(r"/"))
MOST_READINGS: Final = 12
SEVERAL: Final = re.compile(r"\s*[+&,/;]\s*|\s+và\s+")
"""What stands between two teachers of one lesson."""
SESSION_WORDS: Final = {
    DaySession.MORNING: "Sáng",
    DaySession.AFTERNOON: "Chiều",
    DaySession.EVENING: "Tối",
}
"""How a file that we write says them."""


def weekday(text: str, *, bare: bool = False) -> int | None:
    """Return 1 (Monday) to 7 for "Thứ 2", "T2", "Thứ Hai", "Hai", "CN"; with `bare` for "2" too; None otherwise."""
    folded = _DATE_BEHIND.sub("", fold(text.replace("\n", " "))).rstrip(".:")
    if bare and folded in {"2", "3", "4", "5", "6", "7"}:
        return int(folded) - 1
    match = _DAY.fullmatch(folded)
    if match is None:
        return None
    return int(match[2]) - 1 if match[2] else _DAYS[match[1] or match[3]]


def session_in_title(text: str) -> DaySession | None:
    """Return the session that a title or the name of a sheet mentions: "TKB buổi chiều", "Sáng"."""
    match = _SESSION_IN_TITLE.search(fold(text))
    return session_named(match[1] if match else text)


def period(text: str) -> int | None:
    """Return the number of "1", "Tiết 1", "1 (7:00 - 7:40)"; None for any other text."""
    folded = fold(text.removesuffix(".0"))
    match = _PERIOD.fullmatch(folded)
    number = int(match[1]) if match else _ROMAN.get(folded.removeprefix("tiet "), 0)
    return number if 1 <= number <= MOST_PERIODS else None


@dataclass(frozen=True, slots=True)
class Told:
    """A lesson as a cell tells it: `readings` are (subject, teachers), the whole text as a subject first."""

    weeks: WeekPattern
    readings: tuple[tuple[str, str], ...]
    room: str = ""


def told_in(text: str) -> list[Told]:
    """Return the lessons of a cell: one, or one of the odd and one of the even weeks.

    "Toán - Nguyễn Văn A", "Toán" and "An" below each other, "Toán (Lan)", "Toán: Lan", "Toán"; "- phòng 12" at the end;
    "Tuần lẻ: …" and "Tuần chẵn: …" on lines of their own, or "(lẻ)" behind.
    """
    return [_told(weeks, part) for weeks, part in by_weeks(text)]


def by_weeks(text: str) -> Iterator[tuple[WeekPattern, str]]:
    """Yield the parts of a cell with the weeks that each is for."""
    weeks, lines = WeekPattern.EVERY, list[str]()
    for raw in re.split(r"[\n;]", text):
        line = clean_text(raw)
        if match := _WEEKS_FIRST.match(line):
            if lines:
                yield weeks, "\n".join(lines)
            weeks, lines = _WEEKS[fold(match[1])], []
            line = line[match.end() :]
        elif match := _WEEKS_LAST.search(line):
            before = [*lines, line[: match.start()]]
            yield _WEEKS[fold(match[1])], "\n".join(part for part in before if part)
            weeks, lines, line = WeekPattern.EVERY, [], ""
        if line:
            lines.append(line)
    if lines:
        yield weeks, "\n".join(lines)


def _told(weeks: WeekPattern, text: str) -> Told:
    room = ""
    if (match := _ROOM.search(text)) and text[: match.start()].strip():
        room, text = clean_text(match[1] or match[2])[:LONGEST_ROOM], text[: match.start()]
    whole = clean_text(text.replace("\n", " "))
    found = [(whole, "")]
    first, _, rest = text.partition("\n")
    if rest:
        found.append((first, rest.replace("\n", ", ")))
    if match := _IN_BRACKETS.fullmatch(whole):
        found.append((match[1], match[2]))
    for joiner in _JOINERS:
        found += [
            (clean_text(whole[: at.start()]), clean_text(whole[at.end() :]))
            for at in reversed(list(joiner.finditer(whole)))
        ]
    kept = [(subject, teacher) for subject, teacher in dict.fromkeys(found) if subject]
    return Told(weeks, tuple(kept[:MOST_READINGS]), room)


def as_cell(parts: Sequence[tuple[WeekPattern, str, Sequence[str], str]]) -> str:
    """Return a cell that `told_in` reads back: (weeks, subject, teachers, room) of each of its lessons."""
    lines = []
    for weeks, subject, teachers, room in parts:
        head = {WeekPattern.EVERY: "", WeekPattern.ODD: "Tuần lẻ: ", WeekPattern.EVEN: "Tuần chẵn: "}[weeks]
        tail = f" - phòng {room}" if room else ""
        lines.append(f"{head}{subject} - {' + '.join(teachers)}{tail}")
    return "\n".join(lines)
