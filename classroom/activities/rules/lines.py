r"""Lines of a question sheet as they are pasted, each made into the marks that the editor itself uses.

Options stand close behind their letter ("A.Ô-xi", "A/ Ô-xi"), several on a line or behind the question, the right one
is marked in many ways, formulas come in other marks (`\(…\)`, `$$…$$`), letters in bold out of a chat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

HEAD: Final = re.compile(
    r"^\s*(?:câu|bài|question)\s+(?:hỏi\s+)?(?:số\s+)?(\d{1,3})(?!\d)\s*(.*)$", re.IGNORECASE
)
NUMBER: Final = re.compile(r"^\s*(\d{1,2})(?=[.):]\s)()")
LIST: Final = re.compile(r"^\s*(?:thứ tự|ghép)\s*:\s*$", re.IGNORECASE)
SLIDES: Final = re.compile(
    r"^\s*\[\s*(?:tệp\s+(\d{1,3})\s*,?\s*)?trang\s+(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?\s*\]\s*$",
    re.IGNORECASE,
)
_LEVEL: Final = re.compile(
    r"^\s*[.:)]*\s*[(\[<]\s*(?:NB|TH|VDC?|nhận biết|thông hiểu|vận dụng(?: cao)?|mức(?: độ)? \d|M\d|"
    r"\d+(?:[.,]\d+)?\s*(?:đ|điểm))\s*[)\]>]",
    re.IGNORECASE,
)
_BOLD_HEAD: Final = re.compile(r"^\s*#*\s*\*\*\s*((?:câu|bài|question)[^*]*)\*\*", re.IGNORECASE)
_HASHES: Final = re.compile(r"^\s*#{1,6}\s+(?=\S)")
_BOLD_LETTER: Final = re.compile(r"^\s*(?:[-•]\s+)?\*\*\s*([A-Ha-h])\s*([.):])\s*\*\*\s*")
_BOLD_WHOLE: Final = re.compile(r"^\s*(?:[-•]\s+)?\*\*\s*([A-H])\s*[.):]\s*([^*]+?)\s*\*\*\s*$")
_BOLD_KEY: Final = re.compile(
    r"^\s*(?:[-•]\s+)?\**\s*((?:đáp án|giải thích|lời giải)[^*:]*:)\s*\**\s*(.*?)\s*\**\s*$", re.IGNORECASE
)
_OPTION: Final = re.compile(r"^\s*(?:[-•]\s+)?(\*?)\s*\(?([A-H])\s*[.)/]\s*(?=\S)")
_OTHER_STAR: Final = re.compile(r"^\s*[#✓✔✅]\s*(?=[A-H]\s*[.)])")
_STAR_BEHIND: Final = re.compile(r"\s*(?:\((?:đúng|\*|đ/?a)\)|[✓✔✅]|\s\*)\s*$", re.IGNORECASE)
_NEXT: Final = re.compile(r"\s(?=\*?\s*([B-H])\s*[.)]\s*\S)")
_ALL_OPTIONS: Final = re.compile(r"\s(\*?\s*A\s*[.)]\s*\S.*?\s\*?\s*B\s*[.)]\s*\S.*?\s\*?\s*C\s*[.)])")
_WIDE: Final = re.compile(r"(?:\t|\s{2,})\*?\s*[B-H]\s*[.)]")
OWN: Final = re.compile(
    r"^\s*(?:\*?\s*[A-H]\s*[.)]|[a-d]\s*\)|đáp án|trả lời|số\s*:|thứ tự|ghép)|\[[^\[\]]+\]\s*$", re.IGNORECASE
)
_PART: Final = re.compile(
    r"^\W*phần\s+(?:thứ\s+)?([IVX]{1,4}|\d)(?=\s*(?:[.:(–-]|$))"
    r"|^\s*([IVX]{1,4})\s*[.:)-]\s*(?=phần|trắc nghiệm|tự luận)",
    re.IGNORECASE,
)
_OTHER_PART: Final = re.compile(
    r"^\s*(?:[AB]\s*[.:)-]\s*)?(?:PHẦN\s+)?(?:CÂU\s+)?(?:HỎI\s+)?(?:TRẮC NGHIỆM|TỰ LUẬN)"
)
_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
END: Final = re.compile(r"^\W*hết\W*$", re.IGNORECASE)
_TEX: Final = (
    re.compile(r"\\\(\s*(.+?)\s*\\\)"), re.compile(r"\\\[\s*(.+?)\s*\\\]"), re.compile(r"\$\$\s*([^$\n]+?)\s*\$\$"),
    re.compile(
        r"\$([^$\s\n](?:[^$\n]*[^$\s\n])?)\$(?!\d)|\$ +([^$\n]*[\\^_{][^$\n]*?) *\$(?!\d)"
        r"|\$([^$\s\n][^$\n]*[\\^_{][^$\n]*?) +\$(?!\d)"
    ),
)  # fmt: skip
LONGEST_LINE: Final = 4_000
"""Signs of a line that is looked at: a question has room for no more."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its number in the text, from 1."""

    number: int
    text: str


def part_opened(text: str) -> int:
    """Return which part of the sheet a line opens, 0 for a line that opens none."""
    if found := _PART.match(text):
        sign = (found[1] or found[2]).upper()
        return _ROMAN.get(sign, 0) or (int(sign) if sign.isdigit() else 1)
    return int(bool(_OTHER_PART.match(text)))


def asked(text: str) -> str:
    """Return what stands behind a question's number, without marks of level and points."""
    while found := _LEVEL.match(text):
        text = text[found.end() :]
    return text.lstrip(" .:)\t")


def plainly(line: str) -> str:
    """Return a line with formulas, stars and letters in the editor's own marks."""
    if len(line) > LONGEST_LINE:
        return line
    for marks in _TEX:
        line = marks.sub(lambda found: f"${next(filter(None, found.groups())).strip()}$", line)
    line = _HASHES.sub("", _BOLD_HEAD.sub(r"\1", line))
    line = _BOLD_WHOLE.sub(r"*\1. \2", line)
    line = _BOLD_KEY.sub(r"\1 \2", _BOLD_LETTER.sub(r"\1\2 ", line))
    line = _OTHER_STAR.sub("*", line)
    option = _OPTION.match(line)
    begins = option.start() if option else _first_option(line)
    return line if begins is None else f"{line[:begins].rstrip()}\t{_options(line[begins:])}".lstrip("\t")


def _first_option(line: str) -> int | None:
    """Return where the options begin that stand on the line of their question: at A, with B and C behind it."""
    found = _ALL_OPTIONS.search(line)
    return found.start(1) if found else None


def _options(line: str) -> str:
    """Return the options of a line with tabs between them, each as "A. …", a star before those marked behind."""
    pieces = _pieces(line)
    if len(pieces) == 2 and not _WIDE.search(line):  # noqa: PLR2004 - "A. Hai điểm A và B. Khi đó" is one option
        pieces = [line]
    return "\t".join(map(_option, pieces))


def _pieces(line: str) -> list[str]:
    """Return the line cut before every next letter."""
    first = _OPTION.match(line)
    cuts, letter = [0], first[2] if first else "A"
    for found in _NEXT.finditer(line):
        if ord(found[1]) == ord(letter) + 1:
            cuts.append(found.end())
            letter = found[1]
    return [line[start:end] for start, end in zip(cuts, [*cuts[1:], len(line)], strict=True)]


def _option(piece: str) -> str:
    option = _OPTION.match(piece)
    if option is None:
        return piece
    text = piece[option.end() :].strip()
    marked = _STAR_BEHIND.search(text)
    star = "*" if option[1] or marked else ""
    return f"{star}{option[2]}. {text[: marked.start()] if marked else text}"
