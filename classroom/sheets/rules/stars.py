"""Marked options of a sheet get a star; the same rule as for what is pasted (bank/frontend/paste.ts)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPTION: Final = re.compile(r"(^|\s)\*?([A-Ha-d])\s*[.)]")
_LINE: Final = re.compile(r"^\s*\*?([A-D])\s*[.)]")
_STAR: Final = re.compile(r"(^|\s)\*(?=[A-Ha-d]\s*[.)])")

_ROOM: Final = re.compile(r" {2,}(?=\$)|(?<=\$) {2,}")
_CLOSE: Final = re.compile(r"(?<=\$) +(?=[?.,;:!)])|(?<=\() +(?=\$)")
"""Equations get room on both sides; a sign that stands close stays close."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a paragraph, and whether it is marked as right."""

    text: str
    is_marked: bool


def starred(runs: Sequence[Run]) -> str:
    """Return a paragraph's text with a star before each option that a mark stands on."""
    text = "".join(run.text for run in runs)
    starts = [found.end(1) for found in _OPTION.finditer(text)]
    right: set[int] = set()
    at = 0
    for run in runs:
        first = at + len(run.text) - len(run.text.lstrip())
        within = [start for start in starts if first < start < at + len(run.text)]
        before = [start for start in starts if start <= first]
        if run.is_marked and run.text.strip() and before and not within:
            right.add(before[-1])
        at += len(run.text)
    for start in sorted(right, reverse=True):
        text = text if text[start] == "*" else f"{text[:start]}*{text[start:]}"
    return _ROOM.sub(" ", _CLOSE.sub("", text)).strip(" ")


def without_decoration(lines: Sequence[str]) -> list[str]:
    """Take the stars off where every option of a question has one: letters underlined in each are its sounds."""
    made, groups = list(lines), list[list[int]]()
    for place, line in enumerate(lines):
        if found := _LINE.match(line):
            if found[1] == "A" or not groups:
                groups.append([])
            groups[-1].append(place)
    for group in groups:
        text = "\t".join(lines[place] for place in group)
        options, stars = len(_OPTION.findall(text)), len(_STAR.findall(text))
        if options > 1 and options == stars:
            for place in group:
                made[place] = _STAR.sub(r"\1", lines[place])
    return made
