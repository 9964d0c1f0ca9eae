"""The closed set of kinds: for each, how content and answers are checked, marked and counted, and who sees what."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from app.errors import NotFoundError
from app.i18n import N_, say
from classroom.activities.rules import arranging, choosing, sketching, wording
from classroom.activities.rules.content import (
    LETTERS,
    Answer,
    Content,
    Kind,
    check_frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class KindRules:
    """What one kind does. Each function is pure; `read` and `check` raise InvalidError.

    `shown` names the fields that everybody may see while the question is asked: never the solution.
    """

    title: str
    check: Callable[[Content], None]
    read: Callable[[Content, Answer], Answer]
    share: Callable[[Content, Answer], Fraction | None]
    tally: Callable[[Content, Iterable[Answer]], dict[str, int]]
    shown: tuple[str, ...]


RULES: Final[Mapping[Kind, KindRules]] = {
    Kind.SINGLE: KindRules(
        N_("Một đáp án đúng"), choosing.check_choices, choosing.read_choices, choosing.share_of_choices,
        choosing.tally_letters, ("options",),
    ),
    Kind.MULTIPLE: KindRules(
        N_("Nhiều đáp án đúng"), choosing.check_choices, choosing.read_choices, choosing.share_of_choices,
        choosing.tally_letters, ("options",),
    ),
    Kind.QUICK: KindRules(
        N_("Hỏi nhanh A B C D"), choosing.check_choices, choosing.read_choices, choosing.share_of_choices,
        choosing.tally_letters, ("options",),
    ),
    Kind.TRUE_FALSE: KindRules(
        N_("Đúng / Sai"), choosing.check_truth, choosing.read_truth, choosing.share_of_choices,
        choosing.tally_truth, (),
    ),
    Kind.STATEMENTS: KindRules(
        N_("Đúng / Sai từng ý"), choosing.check_statements, choosing.read_statements, choosing.share_of_statements,
        choosing.tally_statements, ("options",),
    ),
    Kind.SHORT: KindRules(
        N_("Trả lời ngắn"), wording.check_short, wording.read_short, wording.share_of_short, wording.tally_texts,
        ("unit",),
    ),
    Kind.NUMBER: KindRules(
        N_("Điền số"), wording.check_number, wording.read_number, wording.share_of_number, wording.tally_numbers,
        ("unit",),
    ),
    Kind.ORDERING: KindRules(
        N_("Sắp xếp thứ tự"), arranging.check_ordering, arranging.read_ordering, arranging.share_of_places,
        arranging.tally_orders, ("options",),
    ),
    Kind.MATCHING: KindRules(
        N_("Ghép đôi"), arranging.check_matching, arranging.read_matching, arranging.share_of_places,
        arranging.tally_pairs, ("options", "targets"),
    ),
    Kind.WORDS: KindRules(
        N_("Đám mây từ"), wording.check_words, wording.read_words, wording.share_of_nothing, wording.tally_words,
        ("most",),
    ),
    Kind.TEXT: KindRules(
        N_("Câu hỏi mở"), wording.check_text, wording.read_text, wording.share_of_nothing, wording.tally_open, (),
    ),
    Kind.SCALE: KindRules(
        N_("Thang đo"), arranging.check_scale, arranging.read_scale, wording.share_of_nothing, arranging.tally_steps,
        ("options", "most"),
    ),
    Kind.EXIT: KindRules(
        N_("Phiếu cuối tiết"), arranging.check_exit, arranging.read_exit, wording.share_of_nothing,
        arranging.tally_steps, ("most",),
    ),
    Kind.DRAWING: KindRules(
        N_("Vẽ hình"), sketching.check_drawing, sketching.read_drawing, wording.share_of_nothing,
        sketching.tally_drawings, (),
    ),
    Kind.SLIDE: KindRules(
        N_("Trang chiếu"), sketching.check_slide, sketching.read_nothing, wording.share_of_nothing,
        sketching.tally_nothing, ("page", "high"),
    ),
}  # fmt: skip
"""Every kind has its row; a test holds it to that."""

_SIMPLE: Final = {
    field.name: field.default for field in fields(Content) if field.name not in {"kind", "question"}
}


# --- content ------------------------------------------------------------------------------------------------------


def checked(content: Content) -> Content:
    """Return the content, or raise InvalidError saying what is missing."""
    check_frame(content)
    RULES[content.kind].check(content)
    return content


def choice(
    question: str,
    options: Sequence[str],
    solution: Iterable[str] = (),
    *,
    several: bool = False,
    explanation: str = "",
    misconceptions: Sequence[str] = (),
) -> Content:
    """Build a question with letters, or raise InvalidError. Without a text it is the quick "A B C D"."""
    kind = Kind.MULTIPLE if several else Kind.SINGLE if question else Kind.QUICK
    right = tuple(sorted(set(solution)))
    tags = tuple(misconceptions) if any(misconceptions) else ()
    return checked(Content(kind, question, tuple(options), (), right, explanation, tags))


def ordering(question: str, in_order: Sequence[str], explanation: str = "") -> Content:
    """Build a question whose entries are given in the right order; they are shown in another one."""
    shown = arranging.shuffled(in_order)
    solution = arranging.letters_of(in_order, shown) if len(shown) <= len(LETTERS) else ()
    return checked(Content(Kind.ORDERING, question, shown, (), solution, explanation))


def matching(question: str, pairs: Sequence[tuple[str, str]], explanation: str = "") -> Content:
    """Build a question of pairs (left, right); the right-hand sides are shown in another order."""
    targets = arranging.shuffled([right for _, right in pairs])
    solution = (
        arranging.letters_of([right for _, right in pairs], targets) if len(targets) <= len(LETTERS) else ()
    )
    lefts = tuple(left for left, _ in pairs)
    return checked(Content(Kind.MATCHING, question, lefts, targets, solution, explanation))


def ready_made(kind: str) -> Content:  # noqa: PLR0911 - one for each kind
    """Return an activity that needs no preparation; raise NotFoundError for a kind that does.

    Its words are data of the lesson, in the language of the classes.
    """
    match kind:
        case Kind.QUICK:
            return choice("", ["", "", "", ""])
        case Kind.TRUE_FALSE:
            return checked(Content(Kind.TRUE_FALSE, ""))
        case Kind.WORDS:
            return checked(Content(Kind.WORDS, say("Em nghĩ đến từ nào?"), most=3))
        case Kind.TEXT:
            return checked(Content(Kind.TEXT, say("Em viết câu trả lời của mình.")))
        case Kind.SCALE:
            asked, ends = say("Em hiểu phần này đến mức nào?"), (say("chưa hiểu"), say("hiểu rõ"))
            return checked(Content(Kind.SCALE, asked, ends, most=5))
        case Kind.EXIT:
            return exit_ticket()
        case Kind.DRAWING:
            return checked(Content(Kind.DRAWING, say("Em vẽ câu trả lời của mình.")))
        case _:
            raise NotFoundError


def exit_ticket(question: str = "") -> Content:
    """Build an exit ticket: three steps, and what is still unclear."""
    asked = question or say("Hôm nay em hiểu bài đến đâu? Em còn điều gì chưa rõ?")
    return checked(Content(Kind.EXIT, asked, most=arranging.EXIT_STEPS))


# --- answers ------------------------------------------------------------------------------------------------------


def checked_answer(content: Content, answer: Answer) -> Answer:
    """Return the answer in its one written form; raise InvalidError when it is none for this question."""
    return RULES[content.kind].read(content, answer)


def share_right(content: Content, answer: Answer) -> Fraction | None:
    """Return which share of the points an answer earns, from 0 to 1; None when nothing is right or wrong."""
    return RULES[content.kind].share(content, answer)


def is_right(content: Content, answer: Answer) -> bool | None:
    """Say whether an answer is wholly right; None when the question has no right answer."""
    share = share_right(content, answer)
    return None if share is None else share == 1


def points_for(
    content: Content, answer: Answer, answered_at: datetime, span: tuple[datetime | None, datetime | None]
) -> Fraction | None:
    """Return the points of an answer. `span` is (opened, end of the timer).

    Without the switch speed decides nothing. With it, and with a timer, a right answer earns up to half as much again:
    all of that at once, none at the end of the timer, in proportion between.
    """
    share = share_right(content, answer)
    if share is None:
        return None
    earned = share * content.points
    opened, ends = span
    if not content.speed or opened is None or ends is None or ends <= opened:
        return earned
    left = Fraction((ends - answered_at) / (ends - opened)).limit_denominator(100)
    return earned + earned * Fraction(1, 2) * min(max(left, Fraction(0)), Fraction(1))


def has_solution(content: Content) -> bool:
    """Say whether anything is right or wrong here."""
    return bool(content.solution)


def tally(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return how many answered what, under the kind's own keys; for teachers."""
    return RULES[content.kind].tally(content, answers)


def public_tally(
    content: Content, answers: Iterable[Answer], moderated: Collection[str] = ()
) -> dict[str, int]:
    """Return what the projector shows of the answers after the reveal; what pupils typed is shown with care.

    Of short answers and numbers only how many were right ("" counts the others), of a word cloud what the teacher did
    not take out, of open texts and drawings only what the teacher let through: `moderated` are those phrases, texts, or
    the drawings' keys.
    """
    given = list(answers)
    match content.kind:
        case Kind.SHORT | Kind.NUMBER:
            right = sum(1 for answer in given if is_right(content, answer))
            return {content.solution[0]: right, "": len(given) - right}
        case Kind.WORDS:
            out = {wording.phrase_key(text) for text in moderated}
            counts = tally(content, given)
            return {text: n for text, n in counts.items() if wording.phrase_key(text) not in out}
        case Kind.TEXT:
            return {text: n for text, n in tally(content, given).items() if text in moderated}
        case Kind.DRAWING:
            shown = [answer for answer in given if sketching.drawing_key(answer) in moderated]
            return tally(content, shown)
        case _:
            return tally(content, given)


def misconceptions_shown(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {misconception: how many showed it} over wrong options that were chosen, most frequent first."""
    tags = dict(zip(content.letters, content.misconceptions, strict=False))
    counts: dict[str, int] = {}
    for answer in answers:
        for letter in answer:
            if (tag := tags.get(letter)) and letter not in content.solution:
                counts[tag] = counts.get(tag, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


# --- who sees what ------------------------------------------------------------------------------------------------


def shown_question(content: Content) -> dict[str, object]:
    """Return what everybody may see of a question while it is asked: no solution, no explanation."""
    shown: dict[str, Any] = {
        "kind": content.kind.value,
        "question": content.question,
        "points": content.points,
    }
    for name in RULES[content.kind].shown:
        shown[name] = _plain(getattr(content, name))
    if content.file:
        shown["high"] = content.high
    if "unit" in shown:
        shown["unit"] = content.units[0] if content.units else ""
    return shown


def shown_solution(content: Content) -> dict[str, object]:
    """Return what everybody may see besides once the solution is revealed."""
    return {
        "solution": list(content.solution),
        "explanation": content.explanation,
        **({"tolerance": content.tolerance} if content.tolerance else {}),
    }


def for_pupils_afterwards(content: Content) -> Content:
    """Return a question whose solution was told as pupils may keep it: without what teachers noted at it."""
    return replace(content, misconceptions=(), objective="", points=1, speed=False)


def as_plain(content: Content) -> dict[str, Any]:
    """Return all of the content as plain values, for storing; what is as usual is left out."""
    plain: dict[str, Any] = {"kind": content.kind.value, "question": content.question}
    for name, usual in _SIMPLE.items():
        if (value := getattr(content, name)) != usual:
            plain[name] = _plain(value)
    return plain


def from_plain(plain: Mapping[str, Any]) -> Content:
    """Return the content from its stored form."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
    }
    return replace(Content(Kind(values.pop("kind")), values.pop("question")), **values)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
