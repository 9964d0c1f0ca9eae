"""Writing questions in the form in which `reading` reads them: the text of the plan editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classroom.activities.rules.choosing import TRUE
from classroom.activities.rules.content import LETTERS, Content, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TAGS: Final = {
    Kind.WORDS: "đám mây từ",
    Kind.TEXT: "câu hỏi mở",
    Kind.SCALE: "thang đo",
    Kind.EXIT: "phiếu cuối tiết",
    Kind.QUICK: "hỏi nhanh",
    Kind.MULTIPLE: "nhiều đáp án",
    Kind.TRUE_FALSE: "đúng sai",
}
_NUMBERED: Final = {Kind.WORDS, Kind.SCALE}


def written(contents: Iterable[Content]) -> str:
    """Return the questions as text, numbered from 1, an empty line between them."""
    return "\n\n".join("\n".join(_lines(content, number)) for number, content in enumerate(contents, 1))


def _lines(content: Content, number: int) -> Iterator[str]:
    first, *rest = content.question.split("\n")
    tag = _tag(content)
    yield f"Câu {number}. {first}{f' [{tag}]' if tag else ''}".rstrip()
    yield from rest
    yield from _body(content)
    if content.explanation:
        yield f"Giải thích: {content.explanation}"
    if content.objective:
        yield f"Mục tiêu: {content.objective}"
    if content.points != 1:
        yield f"Điểm: {content.points}"
    if content.speed:
        yield "Tính tốc độ: có"


def _tag(content: Content) -> str:
    if content.kind is Kind.QUICK:
        return f"{_TAGS[Kind.QUICK]} {len(content.options)}"
    tag = _TAGS.get(content.kind, "")
    if content.kind is Kind.MULTIPLE and len(content.solution) > 1:
        return ""
    if content.kind is Kind.TRUE_FALSE and content.solution:
        return ""
    return f"{tag} {content.most}" if content.kind in _NUMBERED else tag


def _body(content: Content) -> Iterator[str]:  # noqa: C901 - one for each kind
    match content.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            yield from _options(content)
        case Kind.STATEMENTS:
            for letter, text, judged in zip("abcd", content.options, content.solution, strict=False):
                yield f"{letter}) {text} [{'Đ' if judged == TRUE else 'S'}]"
        case Kind.TRUE_FALSE if content.solution:
            yield f"Đáp án: {'Đúng' if content.solution[0] == TRUE else 'Sai'}"
        case Kind.SHORT:
            yield f"Trả lời: {' | '.join(content.solution)}"
            yield from _unit(content)
        case Kind.NUMBER:
            yield f"Số: {content.solution[0]}{f' ± {content.tolerance}' if content.tolerance else ''}"
            yield from _unit(content)
        case Kind.ORDERING:
            yield "Thứ tự:"
            yield from (f"- {content.options[LETTERS.index(letter)]}" for letter in content.solution)
        case Kind.MATCHING:
            yield "Ghép:"
            for left, letter in zip(content.options, content.solution, strict=True):
                yield f"- {left} = {content.targets[LETTERS.index(letter)]}"
        case Kind.SCALE if content.options:
            yield f"Hai đầu: {' | '.join(content.options)}"
        case _:
            pass


def _options(content: Content) -> Iterator[str]:
    tags = content.misconceptions or ("",) * len(content.options)
    for letter, text, tag in zip(content.letters, content.options, tags, strict=True):
        star = "*" if letter in content.solution else ""
        yield f"{star}{letter}. {text}{f' {{{tag}}}' if tag else ''}"


def _unit(content: Content) -> Iterator[str]:
    if content.unit:
        yield f"Đơn vị: {content.unit}"
    if content.with_accents:
        yield "Phân biệt dấu: có"
