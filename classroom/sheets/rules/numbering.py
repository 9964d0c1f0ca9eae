"""Numbers that Word counts by itself: "Câu 1.", "A.", "a)" stand in no run of the text (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL: Final = f"{WORD}val"
_PLACE: Final = re.compile(r"%([1-9])")
_ROMAN: Final = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts: its form, its text ("Câu %1.") and where it begins."""

    form: str
    text: str
    start: int


@dataclass(slots=True)
class Counters:
    """The lists of a document, and how far each has counted."""

    levels: dict[str, dict[int, Level]]
    reached: dict[str, dict[int, int]] = field(default_factory=dict)

    def label_of(self, paragraph: Element) -> str:
        """Count a paragraph and return its number as Word shows it; empty without one, or for a bullet."""
        number = paragraph.find(f"{WORD}pPr/{WORD}numPr/{WORD}numId")
        depth = paragraph.find(f"{WORD}pPr/{WORD}numPr/{WORD}ilvl")
        key = "" if number is None else number.get(_VAL, "")
        at = _whole(depth.get(_VAL, "0")) if depth is not None else 0
        levels = self.levels.get(key, {})
        level = levels.get(at)
        if level is None or level.form in {"bullet", "none"}:
            return ""
        reached = self.reached.setdefault(key, {})
        reached[at] = reached.get(at, level.start - 1) + 1
        for deeper in [one for one in reached if one > at]:
            del reached[deeper]
        return _PLACE.sub(lambda found: _written(levels, reached, int(found[1]) - 1), level.text)


def _written(levels: dict[int, Level], reached: dict[int, int], at: int) -> str:
    level = levels.get(at)
    if level is None:
        return ""
    count = reached.get(at, level.start)
    if level.form in {"upperLetter", "lowerLetter"}:
        letter = chr(ord("A") + (count - 1) % 26)
        return letter if level.form == "upperLetter" else letter.lower()
    if level.form == "upperRoman" and 0 < count < len(_ROMAN):
        return _ROMAN[count]
    return str(count)


def counters_of(numbering: Element) -> Counters:
    """Read the lists that a document defines."""
    abstract = {
        found.get(f"{WORD}abstractNumId", ""): _levels(found)
        for found in numbering.iterfind(f"{WORD}abstractNum")
    }
    lists: dict[str, dict[int, Level]] = {}
    for found in numbering.iterfind(f"{WORD}num"):
        named = found.find(f"{WORD}abstractNumId")
        lists[found.get(f"{WORD}numId", "")] = abstract.get("" if named is None else named.get(_VAL, ""), {})
    return Counters(lists)


def _levels(abstract: Element) -> dict[int, Level]:
    return {
        _whole(level.get(f"{WORD}ilvl", "0")): Level(
            _said(level, "numFmt", "decimal"), _said(level, "lvlText", ""), _whole(_said(level, "start", "1"))
        )
        for level in abstract.iterfind(f"{WORD}lvl")
    }


def _said(level: Element, name: str, otherwise: str) -> str:
    found = level.find(f"{WORD}{name}")
    return otherwise if found is None else found.get(_VAL, otherwise)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0  # noqa: PLR2004 - no list counts to a million
