"""One question out of its lines: which line is what, and which kind of question they make (see `reading`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from app.errors import InvalidError
from app.i18n import N_, say
from app.text import clean_text, fold
from classroom.activities.rules.choosing import FALSE, TRUE
from classroom.activities.rules.content import LETTERS, Content, Kind
from classroom.activities.rules.kinds import choice, exit_ticket, matching, ordering
from classroom.activities.rules.wording import readings

_OPTION: Final = re.compile(r"^\s*(\*?)\s*([A-H])\s*[.)]\s+(.*)$")
_STATEMENT: Final = re.compile(
    r"^\s*(\*?)\s*([a-d])\s*(\.(?=\s)|[)/])\s*(\S.*?)\s*(?:[\[(](Đ|S|Đúng|Sai)[\])]|\s[-–:]\s*(Đúng|Sai))?\s*\.?\s*$",
    re.IGNORECASE,
)
_SAME_LINE: Final = re.compile(r"(?:\t|\s{2,})(?=\*?\s*(?:[A-H]\s*[.)]|[b-d]\s*\))\s)")
_LETTERS_FIRST: Final = re.compile(
    r"^\W*(?:(?:là|câu|chọn|phương án)\s+)*\W*([A-H](?:\s*(?:[,;/&+]|và)?\s*[A-H])*)(?!\w)", re.IGNORECASE
)
_CHOSEN: Final = re.compile(
    r"^\W*(?:chọn|đáp án|đ/?a|key)(?:\s+(?:đáp án|phương án|đúng|câu|là))*\s*:?\s*([A-H])\s*(?:[.,]\s*)?$",
    re.IGNORECASE,
)
_EXPLAINS: Final = frozenset({"loi giai", "huong dan giai", "huong dan", "giai thich", "giai"})
_TAG: Final = re.compile(r"\s*\[([^\[\]]+)\]\s*$")
_MISTAKE: Final = re.compile(r"\s*\{([^{}]*)\}\s*$")
_PAIR: Final = re.compile(r"\s+=+>?\s+")
_BULLET: Final = re.compile(r"^\s*(?:[-•+]|\d{1,2}[.)])\s+")
_KEYS: Final = {
    "dap an": "solution", "dap an dung": "solution", "dap an dung la": "solution", "dap an la": "solution",
    "da": "solution", "d/a": "solution", "key": "solution", "giai thich": "explanation", "loi giai": "explanation",
    "huong dan giai": "explanation", "huong dan": "explanation", "tra loi": "short", "so": "number", "don vi": "unit",
    "sai so": "tolerance", "thu tu": "ordering", "ghep": "matching", "hai dau": "ends", "diem": "points",
    "tinh toc do": "speed", "phan biet dau": "accents",
    "muc tieu": "objective", "yeu cau can dat": "objective",
}  # fmt: skip
_TAGS: Final = {
    "dam may tu": Kind.WORDS, "cau hoi mo": Kind.TEXT, "tu luan": Kind.TEXT, "thang do": Kind.SCALE,
    "phieu cuoi tiet": Kind.EXIT, "hoi nhanh": Kind.QUICK, "nhieu dap an": Kind.MULTIPLE, "dung sai": Kind.TRUE_FALSE,
    "ve hinh": Kind.DRAWING,
}  # fmt: skip
_PICTURE: Final = re.compile(
    r"^\s*\[\s*hình\s+(\d{1,3})(?:\s*,?\s*trang\s+(\d{1,4}))?\s*\]\s*$", re.IGNORECASE
)
YES: Final = "có"

Decks = Mapping[int, Sequence[Content]]
"""The slides of each presentation of a plan, by its number there; first the one that is meant without a number."""
NO_DECKS: Final[Decks] = {}


def question_of(block: list[str], decks: Decks) -> Content:
    """Return the question that its lines make, not checked yet; raise InvalidError saying what is unclear."""
    return _content(_parts(block), decks)


def pages_of(decks: Decks, number: int, first: int, last: int) -> Sequence[Content]:
    """Return pages of a file; raise InvalidError for a file or a page that is not there."""
    slides = decks.get(number)
    if slides is None:
        raise InvalidError(say("Kế hoạch này không có tệp trình chiếu số %(number)s.", number=number))
    if not 1 <= first <= last <= len(slides):
        raise InvalidError(
            say("Tệp %(number)s chỉ có các trang từ 1 đến %(pages)s.", number=number, pages=len(slides))
        )
    return slides[first - 1 : last]


@dataclass(slots=True)
class _Parts:
    """The lines of one question, sorted."""

    question: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    starred: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    tag: str = ""
    picture: tuple[int, int] | None = None

    def text(self, key: str) -> str:
        """Return what stands behind a key word, "" without it."""
        return self.values.get(key, "")


def _parts(block: list[str]) -> _Parts:
    parts, open_key = _Parts(), ""
    for line in (piece for whole in block for piece in _SAME_LINE.split(whole)):
        key, value = _key(line)
        if picture := _PICTURE.match(line):
            parts.picture = (int(picture[1]), int(picture[2] or 1))
        elif key:
            parts.values[key] = value
            goes_on = key == "solution" and (open_key == "explanation" or parts.options or parts.statements)
            open_key = "explanation" if goes_on else key
        elif clean_text(line) or not open_key:
            open_key = _take(parts, line, open_key)
    _take_tag(parts)
    return parts


def _take(parts: _Parts, line: str, open_key: str) -> str:
    """Put a line where it belongs and return the key word whose lines go on."""
    if open_key in {"ordering", "matching"}:
        parts.listed.append(clean_text(_BULLET.sub("", line)))
    elif open_key == "explanation":
        parts.values[open_key] = clean_text(f"{parts.text(open_key)} {line}")
    elif option := _OPTION.match(line):
        _add_option(parts, option)
    elif statement := _STATEMENT.match(line):
        parts.letters.append(f"{statement[1]}{statement[2].upper()}{statement[3]}")
        parts.statements.append(clean_text(statement[4]))
        parts.judged.append((statement[5] or statement[6] or " ")[0].upper())
    else:
        parts.question.append(clean_text(line))
    return open_key if open_key in {"ordering", "matching", "explanation"} else ""


def _key(line: str) -> tuple[str, str]:
    word, colon, value = line.partition(":")
    key = _KEYS.get(fold(word).strip(" *")) if colon else None
    if key:
        return key, clean_text(value)
    if fold(line).strip(" *.:") in _EXPLAINS:
        return "explanation", ""
    return ("solution", chosen[1].upper()) if (chosen := _CHOSEN.match(line)) else ("", "")


def _add_option(parts: _Parts, option: re.Match[str]) -> None:
    text = option[3]
    mistake = _MISTAKE.search(text)
    parts.mistakes.append(clean_text(mistake[1]) if mistake else "")
    parts.options.append(clean_text(text[: mistake.start()] if mistake else text))
    if option[1]:
        parts.starred.append(option[2])


def _take_tag(parts: _Parts) -> None:
    """Take a known tag off the end of the question's first line."""
    while parts.question and not parts.question[0]:
        parts.question.pop(0)
    found = _TAG.search(parts.question[0]) if parts.question else None
    if found and fold(found[1]).rstrip("0123456789 ") in _TAGS:
        parts.tag = fold(found[1])
        parts.question[0] = parts.question[0][: found.start()]


# --- which kind ---------------------------------------------------------------------------------------------------


def _content(parts: _Parts, decks: Decks) -> Content:
    made = _of_kind(parts, "\n".join(parts.question).strip())
    shown = pages_of(decks, *parts.picture, parts.picture[1])[0] if parts.picture else made
    points = parts.text("points")
    return replace(
        made,
        explanation=parts.text("explanation"),
        points=int(points) if points.isdigit() and len(points) < 3 else 0 if points else 1,  # noqa: PLR2004 - two digits
        speed=fold(parts.text("speed")) == fold(YES),
        objective=parts.text("objective"),
        file=shown.file,
        page=shown.page,
        high=shown.high,
    )


def _of_kind(parts: _Parts, question: str) -> Content:  # noqa: C901, PLR0911 - one for each kind
    kind, number = _tagged(parts.tag)
    if kind in {Kind.WORDS, Kind.TEXT, Kind.SCALE, Kind.EXIT, Kind.DRAWING}:
        return _open_kind(kind, number, question, parts)
    if "ordering" in parts.values:
        return ordering(question, parts.listed)
    if "matching" in parts.values:
        return matching(question, _pairs(parts.listed))
    if "number" in parts.values:
        return _number(parts, question)
    if "short" in parts.values:
        accepted = tuple(filter(None, (clean_text(part) for part in parts.text("short").split("|"))))
        strict = fold(parts.text("accents")) == fold(YES)
        return Content(Kind.SHORT, question, solution=accepted, unit=parts.text("unit"), with_accents=strict)
    if parts.statements and not parts.options and _are_options(parts):
        _make_options(parts)
    if parts.statements:
        return Content(Kind.STATEMENTS, question, tuple(parts.statements), solution=_judged(parts))
    if parts.options:
        return _choice(parts, question, kind)
    if kind is Kind.QUICK:
        return choice("", [""] * (number or 4))
    if kind is None and parts.text("solution") and not _truth(parts.text("solution")):
        return _told_alone(parts, question)
    if (truth := _truth(parts.text("solution"))) or kind is Kind.TRUE_FALSE:
        return Content(Kind.TRUE_FALSE, question, solution=(truth,) if truth else ())
    raise InvalidError(
        say("Chưa rõ câu này trả lời thế nào: hãy thêm các lựa chọn A, B… hoặc dòng “Trả lời:”.")
    )


def _are_options(parts: _Parts) -> bool:
    """Whether lines "a) …" are options: one is starred, or the solution names letters, or they are written "a."."""
    if any(one.strip() for one in parts.judged):
        return False
    told = parts.text("solution")
    is_choice = bool(_LETTERS_FIRST.match(told)) and not _truth(told)
    return (
        is_choice or any("*" in one for one in parts.letters) or all(")" not in one for one in parts.letters)
    )


def _make_options(parts: _Parts) -> None:
    parts.options, parts.mistakes = parts.statements, [""] * len(parts.statements)
    parts.starred = [one[1] for one in parts.letters if one.startswith("*")]
    parts.statements = []


def _told_alone(parts: _Parts, question: str) -> Content:
    """Return a question of which nothing but the answer is known: a number, or a short text."""
    told = parts.text("solution")
    unit = parts.text("unit")
    if readings(told.partition("±")[0], tuple(filter(None, [unit]))):
        parts.values["number"] = told
        return _number(parts, question)
    accepted = tuple(filter(None, (clean_text(part) for part in told.split("|"))))
    return Content(Kind.SHORT, question, solution=accepted, unit=unit)


def _tagged(tag: str) -> tuple[Kind | None, int]:
    digits = "".join(sign for sign in tag if sign.isdigit())[:2]
    return _TAGS.get(tag.rstrip("0123456789 ")), int(digits or 0)


def _open_kind(kind: Kind, number: int, question: str, parts: _Parts) -> Content:
    if kind is Kind.WORDS:
        return Content(kind, question, most=number or 3)
    if kind is Kind.SCALE:
        ends = tuple(clean_text(part) for part in parts.text("ends").split("|")) if parts.text("ends") else ()
        return Content(kind, question, ends, most=number or 5)
    return exit_ticket(question) if kind is Kind.EXIT else Content(kind, question)


def _pairs(listed: list[str]) -> list[tuple[str, str]]:
    pairs = [_PAIR.split(line, maxsplit=1) for line in listed]
    if any(len(pair) != 2 for pair in pairs):  # noqa: PLR2004 - left and right
        raise InvalidError(say("Mỗi dòng ghép viết: vế trái = vế phải."))
    return [(left, right) for left, right in pairs]


def _number(parts: _Parts, question: str) -> Content:
    right, _, tolerance = parts.text("number").partition("±")
    return Content(
        Kind.NUMBER,
        question,
        solution=(clean_text(right),),
        unit=parts.text("unit"),
        tolerance=clean_text(tolerance or parts.text("tolerance")).replace(" ", ""),
    )


def _judged(parts: _Parts) -> tuple[str, ...]:
    signs = [sign for sign in parts.text("solution").upper() if sign in "ĐS"]
    judged = signs if not any(one.strip() for one in parts.judged) else parts.judged
    return tuple({"Đ": TRUE, "S": FALSE}.get(one, "") for one in judged)


def _choice(parts: _Parts, question: str, kind: Kind | None) -> Content:
    named = _named(parts.text("solution"), parts.options)
    right = sorted(set(parts.starred + named))
    several = len(right) > 1 or kind is Kind.MULTIPLE
    if not question:
        raise InvalidError(say("Hãy viết câu hỏi."), {"question": N_("Hãy viết câu hỏi.")})
    return choice(question, parts.options, right, several=several, misconceptions=parts.mistakes)


def _named(told: str, options: list[str]) -> list[str]:
    """Return the letters that a solution names: "B", "A và C", "B. Hà Nội", or the very text of an option."""
    same = [
        LETTERS[place]
        for place, text in enumerate(options[: len(LETTERS)])
        if told and fold(text) == fold(told)
    ]
    if same:
        return same
    found = _LETTERS_FIRST.match(told)
    return re.findall(r"(?<![^\W_])[A-H](?![^\W_])|[A-H]", found[1].upper()) if found else []


def _truth(text: str) -> str:
    return {"dung": TRUE, "d": TRUE, "sai": FALSE, "s": FALSE}.get(fold(text), "")
