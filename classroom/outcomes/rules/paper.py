"""A lesson afterwards as it is told to paper: plain values for `templates/outcomes/lesson.typ`, not yet translated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.i18n import say
from classroom.activities.rules.formulas import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from classroom.activities.rules.bars import Bar
    from classroom.outcomes.rules import (
        AnswerOutcome,
        LessonOutcome,
        PupilOutcome,
        QuestionOutcome,
        RoundOutcome,
    )

QUESTIONS_A_TABLE: Final = 12
"""More columns than that are no longer read on a sheet that lies on its side: the rest is another table."""
LONGEST_CELL: Final = 24
NARROWEST_COLUMN, WIDEST_COLUMN = 6, 26
"""Signs of a question's column, by which the columns share the width: a letter needs less of it than words."""
SIGNS_UPRIGHT, SIGNS_BETWEEN = 100, 2
"""Signs of name and answers on a line of a sheet that stands, and those that a column's edges cost."""
_MARKED: Final = re.compile(r"\\([$*`])|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above: the school, the lesson in words, when the paper was made; `goal` is empty without one."""

    school: str
    title: str
    day: str
    made: str
    goal: str


def paper_of(outcome: LessonOutcome, heading: Heading) -> dict[str, Any]:
    """Return what the template is told. What may hold formulas is a list of words and trees (`formulas.parts_of`)."""
    return {
        "school": heading.school,
        "title": heading.title,
        "day": heading.day,
        "made": heading.made,
        "goal": heading.goal,
        "words": _words(),
        "figures": [
            say("Đã tham gia: %(count)s/%(total)s", count=len(outcome.pupils) - len(outcome.absent),
                total=len(outcome.pupils)),
            say("Câu hỏi: %(count)s", count=len(outcome.questions)),
        ],
        "missed": [_missed(number, item) for number, item in outcome.missed],
        "questions": [_question(number, item) for number, item in enumerate(outcome.questions, 1)],
        "absent": [say("%(name)s (vắng)", name=row.name) if row.away else row.name for row in outcome.absent],
        "inquiries": [{"text": one.text, "name": one.name, "state": say(one.state)} for one in outcome.inquiries],
        "tables": [_table(outcome, places) for places in _shares(len(outcome.questions))],
    }  # fmt: skip


def plain(text: str) -> str:
    """Return a question's text without the marks for bold, italic and code."""
    return _MARKED.sub(lambda found: next(filter(None, found.groups())), text)


def rich(text: str) -> list[Any]:
    """Return a question's text for paper: its formulas as trees, its words without other marks."""
    return [plain(part) if isinstance(part, str) else part for part in parts_of(text)]


def _words() -> dict[str, str]:
    return {
        "late": say("* gửi trễ, không tính điểm"),
        "missed": say("Lớp chưa nắm vững"),
        "absent": say("Không tham gia"),
        "notes": say("Điều các em chưa rõ"),
        "inquiries": say("Câu hỏi của các em"),
        "pupils": say("Từng học sinh"),
        "nobody": say("Không có em nào."),
    }


def _named(number: int, item: QuestionOutcome) -> list[Any]:
    question = rich(item.content.question)
    if not question:
        return [say("Câu %(number)s. Hỏi nhanh", number=number)]
    return [say("Câu %(number)s", number=number), ". ", *question]


def _missed(number: int, item: QuestionOutcome) -> dict[str, Any]:
    return {
        "question": _named(number, item),
        "share": _right(item.last.right),
        "mistakes": [_counted(mistake, count) for mistake, count in item.misconceptions.items()],
    }


def _counted(text: str, count: int) -> str:
    return f"{text}: {count}"


def _question(number: int, item: QuestionOutcome) -> dict[str, Any]:
    return {
        "question": _named(number, item),
        "share": _right(item.last.right),
        "missed": item.is_missed,
        "rounds": [_round(one, is_only=len(item.rounds) == 1) for one in item.rounds],
        "notes": list(item.notes),
        "mistakes": [_counted(mistake, count) for mistake, count in item.misconceptions.items()],
        "explanation": rich(item.content.explanation),
    }


def _round(one: RoundOutcome, *, is_only: bool) -> dict[str, Any]:
    said: list[str] = [] if is_only else [say("Lần %(round)s", round=one.number)]
    said.append(say("Trả lời: %(count)s", count=one.answered))
    if one.right is not None and not is_only:
        said.append(_right(one.right))
    if one.guests:
        said.append(say("Khách: %(count)s", count=one.guests))
    if one.sure is not None:
        said.append(
            say(
                "Chắc chắn: %(count)s, trong đó sai: %(wrong)s",
                count=one.sure.sure,
                wrong=one.sure.sure_wrong,
            )
        )
    return {"said": said, "bars": [_bar(bar, one.answered) for bar in one.bars]}


def _bar(bar: Bar, answered: int) -> dict[str, Any]:
    return {
        "label": bar.label,
        "text": [*rich(bar.text), *([" ", say(bar.words)] if bar.words else [])],
        "count": bar.count,
        "share": min(1.0, bar.count / answered) if answered else 0.0,
        "right": bar.right,
    }


def _shares(questions: int) -> Iterable[range]:
    """Return which questions each table has: as many in each, give or take one."""
    tables = -(-questions // QUESTIONS_A_TABLE)
    return (range(questions * n // tables, questions * (n + 1) // tables) for n in range(tables))


def _table(outcome: LessonOutcome, places: range) -> dict[str, Any]:
    is_last = places.stop == len(outcome.questions)
    rows = [_row(row, places, outcome, is_last=is_last) for row in outcome.pupils]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2, 2 + len(places))]
    return {
        "widths": [min(max(wide, NARROWEST_COLUMN), WIDEST_COLUMN) for wide in widths],
        "upright": _is_upright(rows, widths),
        "heads": [
            say("STT"),
            say("Họ và tên"),
            *(say("Câu %(number)s", number=place + 1) for place in places),
        ],
        "sums": [say("Đúng"), say("Điểm")] if is_last else [],
        "rows": rows,
    }


def _is_upright(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> bool:
    """Whether every line fits into the width of a sheet that stands: signs of the names and of the answers."""
    name = max((len(row[1]) for row in rows), default=0)
    return name + sum(max(wide, NARROWEST_COLUMN) + SIGNS_BETWEEN for wide in widths) <= SIGNS_UPRIGHT


def _row(row: PupilOutcome, places: range, outcome: LessonOutcome, *, is_last: bool) -> Sequence[str]:
    cells = [str(row.number), row.name, *(_cell(row.answers[place]) for place in places)]
    if not is_last:
        return cells
    points = f"{float(row.points):.2f}".rstrip("0").rstrip(".").replace(".", ",")
    return [*cells, str(row.right), f"{points}/{outcome.possible}" if outcome.possible else ""]


def _cell(answer: AnswerOutcome | None) -> str:
    """Return an answer in a cell: the first round's before the last's, whether it was right, sure, late."""
    if answer is None:
        return "–"
    first = f"{_short(answer.first)} → " if answer.first else ""
    right = {True: " ✓", False: " ✗", None: ""}[answer.is_right]
    return f"{first}{_short(answer.short)}{right}{' *' if answer.is_late else ''}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"


def _right(share: Fraction | None) -> str:
    return "" if share is None else say("Đúng %(share)s", share=f"{round(100 * share)}%")
