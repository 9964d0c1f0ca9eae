r"""Formulas as MathML: `$\frac{1}{2}$` becomes a small tree that browsers draw by themselves.

The TeX is read here, once, so that a pupil's device loads no program to draw it. What goes out is no markup but trees
of names from a closed list, which the device builds element by element: `["mfrac", ["mn", "1"], ["mn", "2"]]`; a
second entry that is a mapping holds attributes. A formula is several trees where a line may break (behind a sign of
relation), and the words between them are plain texts. What cannot be read without losing something has none; the
device then draws it by its own, heavier means.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from latex2mathml.converter import convert_to_element

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Tree = list[Any]
"""[name, attributes where there are any, children: trees or one text]; JSON as it stands."""
Drawn = list[Any]
"""What a line shows one behind the other: trees, whose name is "math", and texts."""

LONGEST: Final = 400
"""Characters of a formula that is drawn; a question has room for no longer one that could be read."""
DEEPEST, MOST_ELEMENTS = 24, 500
_MARKS: Final = re.compile(
    r"\\[$*`]|\*\*[^*\n]+\*\*|\*[^*\n]+\*|`[^`\n]+`"
    r"|\$((?:\\.|[^\s$\\])(?:(?:\\.|[^$\\\n])*(?:\\.|[^\s$\\]))?)\$(?!\d)"
)
"""The same marks as in ledger/frontend/rich.tsx: what is bold or code holds no formula, and "5$ hay 6$" is money."""
_DECIMAL: Final = re.compile(r"(?<=\d),(?=\d)")
_ALIGNED: Final = re.compile(r"\\(begin|end)\{aligned\}")
_ARC: Final = re.compile(r"\\(?:wideparen|overarc|overgroup)(?![A-Za-z])")
_NOT_CONTENT: Final = re.compile(
    r"\\(?:begin|end)\s*\{[^{}]*\}(?:\s*\{[clr|@ ]*\})?|\\(?:color|textcolor|hspace)\s*\{[^{}]*\}|\\[A-Za-z]+"
)
_LENGTH: Final = re.compile(r"-?\d{0,2}(?:\.\d{1,4})?em")
_CHILDREN: Final = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3,
}  # fmt: skip
_TEXTS: Final = frozenset({"mi", "mn", "mo", "mtext"})
_NAMES: Final = frozenset(
    {*_CHILDREN, *_TEXTS, "mrow", "mspace", "msqrt", "mtable", "mtr", "mtd", "mstyle", "mphantom"}
)
_VALUES: Final = {
    "stretchy": {"true", "false"}, "fence": {"true", "false"}, "form": {"prefix", "infix", "postfix"},
    "accent": {"true", "false"}, "mathvariant": {"normal"}, "displaystyle": {"true", "false"},
    "scriptlevel": {"0", "1", "2"}, "linethickness": {"0"}, "columnalign": {"left", "right", "center"},
    "movablelimits": {"true", "false"},
}  # fmt: skip
_LENGTHS: Final = frozenset({"width", "minsize", "maxsize"})
_WITH_LIMITS: Final = frozenset("∑∏\u22c3\u22c2") | {"lim", "max", "min"}
_UNDER_AND_OVER: Final = {"msubsup": "munderover", "msub": "munder", "msup": "mover"}
_LINES: Final = {
    ("mover", "\u2015"): "over", ("mover", "\u00af"): "over", ("munder", "\u2015"): "under", ("mover", "^"): "hat",
    ("mover", "→"): "vector", ("mover", "⌢"): "arc", ("mover", "⏜"): "arc",
}  # fmt: skip
"""What fonts do not stretch the style sheet draws, over all of it: a bar over one digit is another number, an arrow
over one letter of two another vector."""
_SIGNS: Final = frozenset({"Sm", "Po"})
_BREAKS_BEHIND: Final = frozenset("=<>≤≥≠≈⇒⇔→,;")
_LETTERLIKE: Final = frozenset("%‰°′″…@&#*")  # noqa: RUF001 - the look-alikes are the point


class _Unreadable(Exception):  # noqa: N818 - never leaves this file
    """There is no tree that would show all of it."""


def formulas_in(value: object) -> Iterable[str]:
    """Yield the sources of the formulas in the texts of a value, however deep they lie."""
    if isinstance(value, str):
        if "$" in value:
            yield from filter(None, (found[1] for found in _MARKS.finditer(value)))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from formulas_in(one)
    elif isinstance(value, Iterable):
        for one in value:
            yield from formulas_in(one)


def drawn_formulas(value: object) -> dict[str, Drawn]:
    """Return {source: trees} for the formulas in a value that have any."""
    found = ((source, drawn(source)) for source in formulas_in(value))
    return {source: trees for source, trees in found if trees is not None}


def parts_of(text: str) -> list[str | Tree]:
    """Return a text as what stands behind one another: words, and a tree for each formula that has one."""
    parts: list[str | Tree] = []
    end = 0
    for found in _MARKS.finditer(text):
        trees = drawn(found[1]) if found[1] else None
        if trees is not None:
            parts += [text[end : found.start()], *trees]
            end = found.end()
    return _joined([*parts, text[end:]])


def _joined(parts: list[str | Tree]) -> list[str | Tree]:
    """Return the parts without empty words, and two trees in a row as one: paper is wide enough for a whole formula."""
    joined: list[str | Tree] = []
    for part in (part for part in parts if part):
        last = joined[-1] if joined else ""
        if isinstance(part, list) and isinstance(last, list):
            joined[-1] = [*last, *part[1:]]
        else:
            joined.append(part)
    return joined


@lru_cache(maxsize=2048)
def drawn(source: str) -> Drawn | None:
    """Return a formula as trees, None for one that cannot be shown without losing something. Never raises."""
    if len(source) > LONGEST or _depth(source) > DEEPEST:
        return None
    try:
        tree = _Growth().grown(convert_to_element(_known(source)))
    except Exception:  # noqa: BLE001 - the reader's errors have no family of their own; all mean that it cannot be read
        return None
    return _broken(tree) if _shows_all(source, tree) else None


def _known(source: str) -> str:
    """Return the source in the words that the reader knows."""
    return _ARC.sub(r"\\overparen", _ALIGNED.sub(r"\\\1{align*}", _DECIMAL.sub("{,}", source)))


def _broken(tree: Tree) -> Drawn:
    """Return the tree as parts between which a line may break."""
    top = tree[1][1:] if len(tree) == 2 and tree[1][0] == "mrow" else tree[1:]  # noqa: PLR2004 - a name and one child
    parts: Drawn = []
    is_open = False
    for child in top:
        if child[0] == "mtext":
            parts.append(str(child[-1]).replace("\xa0", " "))
            is_open = False
            continue
        if not is_open:
            parts.append(["math"])
        parts[-1].append(child)
        is_open = _operator(child) not in _BREAKS_BEHIND
    return parts


def _depth(source: str) -> int:
    """Return a bound of how deep the tree will be: braces and commands that may hold one another."""
    deep = deepest = 0
    for sign in source:
        deep += (sign in "{[") - (sign in "}]")
        deepest = max(deepest, deep)
    return deepest + source.count("\\left") + source.count("\\begin")


@dataclass(slots=True)
class _Growth:
    """The tree as it grows: how many elements it has by now."""

    elements: int = 0

    def grown(self, element: Element, deep: int = 0) -> Tree:
        self.elements += 1
        if self.elements > MOST_ELEMENTS or deep > 2 * DEEPEST:
            raise _Unreadable
        name, text = element.tag, html.unescape(element.text or "")
        if name == "math":
            return ["math", *self._children(element, deep)]
        if name == "mi" and _is_sign(text):
            name = "mo"
        if name not in _NAMES or (text.strip() and name not in _TEXTS) or "\\" in text or text == "&":
            raise _Unreadable
        attributes = _attributes(element)
        children: list[Any] = [text] if name in _TEXTS else self._children(element, deep)
        if name in _CHILDREN and len(children) != _CHILDREN[name]:
            raise _Unreadable
        if name in {"mover", "munder"} and (line := _LINES.get((name, _sign(children[-1])))):
            return ["mrow", {"class": line}, children[0]]
        if name in _UNDER_AND_OVER and _operator(children[0]) in _WITH_LIMITS:
            name = _UNDER_AND_OVER[name]
            children[0] = ["mo", {"movablelimits": "true"}, _operator(children[0])]
        return [name, *([attributes] if attributes else []), *children]

    def _children(self, element: Element, deep: int) -> list[Any]:
        grown = [self.grown(child, deep + 1) for child in element]
        if element.tag == "mrow":
            grown = [
                child for child in grown if child[0] != "mo" or child[-1]
            ]  # "\\right.": no fence, but its room
        return _spaced(_with_decimals(grown)) if element.tag not in _CHILDREN else grown


def _is_sign(text: str) -> bool:
    return len(text) == 1 and text not in _LETTERLIKE and unicodedata.category(text) in _SIGNS


def _attributes(element: Element) -> dict[str, str]:
    kept = {
        name: value
        for name, value in element.attrib.items()
        if value in _VALUES.get(name, ()) or (name in _LENGTHS and _LENGTH.fullmatch(value))
    }
    if element.tag == "mspace" and "width" not in kept:
        raise _Unreadable  # a break of the line, which only a table has
    return kept


def _operator(tree: Tree) -> str:
    """Return the text of an operator, "" for anything else."""
    return str(tree[-1]) if tree[0] == "mo" else ""


def _sign(tree: Tree) -> str:
    """Return the text of a sign, also of one in a row of its own, "" for anything else."""
    if tree[0] == "mrow" and len(tree) == 2:  # noqa: PLR2004 - a name and one child
        return _sign(tree[1])
    return str(tree[-1]) if tree[0] in {"mo", "mi"} else ""


def _with_decimals(children: list[Any]) -> list[Any]:
    """Return the children with "3", ",", "14" as the one number that they are in Vietnamese."""
    joined: list[Any] = []
    for child in children:
        if _is_number(child) and len(joined) > 1 and joined[-1] == ["mrow", ["mo", ","]]:
            joined.pop()
            joined[-1] = ["mn", f"{joined[-1][-1]},{child[-1]}"]
        else:
            joined.append(child)
    return joined


def _is_number(tree: Tree) -> bool:
    return bool(tree[0] == "mn")


def _spaced(children: list[Any]) -> list[Any]:
    """Return the children with room behind the name of a function: "sin x", not "sinx"."""
    spaced: list[Any] = []
    for child in children:
        if spaced and _names_function(spaced[-1]) and child[0] not in {"mo", "mspace", "mtext"}:
            spaced.append(["mspace", {"width": "0.17em"}])
        spaced.append(child)
    return spaced


def _names_function(tree: Tree) -> bool:
    base = tree[1] if tree[0] in _CHILDREN and isinstance(tree[1], list) else tree
    return bool(base[0] == "mi" and len(base[-1]) > 1 and base[-1].isascii() and base[-1].isalpha())


def _shows_all(source: str, tree: Tree) -> bool:
    """Whether every letter and digit that was typed is in the tree: the reader drops what it does not expect."""
    typed = Counter(filter(str.isalnum, _NOT_CONTENT.sub(" ", unicodedata.normalize("NFKC", source))))
    shown = Counter(unicodedata.normalize("NFKC", "".join(_texts(tree))))
    return bool(typed <= shown)


def _texts(tree: Tree) -> Iterable[str]:
    for part in tree[1:]:
        if isinstance(part, str):
            yield part
        elif isinstance(part, list):
            yield from _texts(part)
