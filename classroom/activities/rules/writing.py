"""Writing questions in the form in which `reading` reads them: the text of the plan editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classroom.activities.rules.choosing import TRUE
from classroom.activities.rules.content import LETTERS, Content, Kind
from classroom.activities.rules.reading import NO_DECKS, Decks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_TAGS: Final = {
    Kind.WORDS: "đám mây từ",
    Kind.TEXT: "câu hỏi mở",
    Kind.SCALE: "thang đo",
    Kind.EXIT: "phiếu cuối tiết",
    Kind.DRAWING: "vẽ hình",
    Kind.QUICK: "hỏi nhanh",
    Kind.MULTIPLE: "nhiều đáp án",
    Kind.TRUE_FALSE: "đúng sai",
}
_NUMBERED: Final = {Kind.WORDS, Kind.SCALE}


def written(contents: Iterable[Content], decks: Decks = NO_DECKS) -> str:
    """Return the questions as text, numbered from 1, an empty line between them; slides in a row are one line.

    A question loses a picture that is on no file of `decks`: asked again in another lesson, it is asked without.
    """
    numbers = {slides[0].file: number for number, slides in reversed([*decks.items()]) if slides}
    number, pieces = 0, list[str]()
    for run in _runs(contents):
        if run[0].kind is Kind.SLIDE:
            pages = f"{run[0].page}-{run[-1].page}" if len(run) > 1 else str(run[0].page)
            pieces.append(f"[tệp {numbers.get(run[0].file, 0)}, trang {pages}]")
        else:
            number += 1
            pieces.append("\n".join(_lines(run[0], number, numbers)))
    return "\n\n".join(pieces)


def _runs(contents: Iterable[Content]) -> Iterator[list[Content]]:
    """Yield questions one by one, and slides of one file whose pages follow each other together."""
    run = list[Content]()
    for content in contents:
        if not (run and content.kind is Kind.SLIDE and _is_next(run[-1], content)):
            if run:
                yield run
            run = []
        run.append(content)
    if run:
        yield run


def _is_next(one: Content, other: Content) -> bool:
    return one.kind is Kind.SLIDE and (one.file, one.page + 1) == (other.file, other.page)


def _lines(content: Content, number: int, numbers: Mapping[str, int]) -> Iterator[str]:
    first, *rest = content.question.split("\n")
    tag = _tag(content)
    yield f"Câu {number}. {first}{f' [{tag}]' if tag else ''}".rstrip()
    yield from rest
    if content.file in numbers:
        page = f", trang {content.page}" if content.page > 1 else ""
        yield f"[hình {numbers[content.file]}{page}]"
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
