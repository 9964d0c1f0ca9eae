"""What was answered as rows of a chart, for every kind: label, words, how many, whether it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.i18n import N_
from classroom.activities.rules.choosing import FALSE, TRUE
from classroom.activities.rules.content import LETTERS, Content, Kind
from classroom.activities.rules.kinds import is_right
from classroom.activities.rules.sketching import strokes_in, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BARS: Final = 12
JUDGED: Final = {TRUE: N_("Đúng"), FALSE: N_("Sai")}
PAPER_LETTERS: Final = {TRUE: N_("Đ"), FALSE: N_("S")}
DRAWN: Final = "✎"
EXIT_WORDS: Final = {"1": N_("Chưa hiểu"), "2": N_("Hiểu một phần"), "3": N_("Đã hiểu")}


@dataclass(frozen=True, slots=True)
class Bar:
    """One row. `text` comes from the question or from pupils; `words` is a message of ours."""

    label: str
    text: str
    count: int
    right: bool = False
    words: str = ""


def bars(content: Content, counts: Mapping[str, int]) -> list[Bar]:
    """Return the rows for a tally of this question, the most interesting twelve where there are more."""
    rows = [_bar(content, key, count) for key, count in counts.items()]
    if content.kind in {Kind.ORDERING, Kind.SHORT, Kind.NUMBER, Kind.TEXT, Kind.WORDS}:
        return rows[:MOST_BARS]
    if content.kind is Kind.MATCHING:
        return [row for row in rows if row.count or row.right]
    return rows


def _bar(content: Content, key: str, count: int) -> Bar:  # noqa: C901, PLR0911 - one for each kind
    match content.kind:
        case Kind.SINGLE | Kind.MULTIPLE | Kind.QUICK:
            return Bar(key, content.options[LETTERS.index(key)], count, key in content.solution)
        case Kind.TRUE_FALSE:
            return Bar("", "", count, key in content.solution, JUDGED[key])
        case Kind.STATEMENTS:
            place = int(key[0]) - 1
            return Bar(
                "abcd"[place],
                content.options[place],
                count,
                content.solution[place] == key[1],
                JUDGED[key[1]],
            )
        case Kind.MATCHING:
            place = int(key[0]) - 1
            pair = f"{content.options[place]} – {content.targets[LETTERS.index(key[1])]}"
            return Bar(key[0], pair, count, content.solution[place] == key[1])
        case Kind.ORDERING:
            entries = " → ".join(content.options[LETTERS.index(letter)] for letter in key)
            return Bar("", entries, count, tuple(key) == content.solution)
        case Kind.SHORT | Kind.NUMBER:
            return Bar("", key, count, bool(is_right(content, (key,))))
        case Kind.SCALE:
            return Bar(key, _end(content, int(key)), count)
        case Kind.EXIT:
            return Bar(key, "", count, words=EXIT_WORDS[key])
        case Kind.WORDS | Kind.TEXT:
            return Bar("", key, count)
        case Kind.DRAWING | Kind.SLIDE:
            return Bar("", words_in(tuple(key.split("\n"))), count)


def _end(content: Content, step: int) -> str:
    if not content.options:
        return ""
    return content.options[0] if step == 1 else content.options[1] if step == content.most else ""


def short_form(content: Content, answer: tuple[str, ...]) -> str:
    """Return an answer as it fits into a cell of a table."""
    match content.kind:
        case Kind.TRUE_FALSE | Kind.STATEMENTS:
            return "".join(PAPER_LETTERS.get(one, one) for one in answer)
        case Kind.SHORT | Kind.NUMBER | Kind.TEXT:
            return answer[0]
        case Kind.WORDS:
            return ", ".join(answer)
        case Kind.EXIT:
            return " · ".join(answer)
        case Kind.DRAWING:
            return " · ".join(filter(None, (DRAWN if strokes_in(answer) else "", words_in(answer))))
        case _:
            return "".join(answer)
