r"""Equations of Word as TeX: `m:oMath` (Office Math, ECMA-376 part 1, 22.1) becomes `\frac{1}{2}`.

Only what the plan editor draws is written: see `classroom/activities/rules/formulas.py`. What has no TeX of its own
gives its contents, so that nothing of a question is lost without being seen.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from xml.etree.ElementTree import Element

MATHS: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_VAL: Final = f"{MATHS}val"
DEEPEST: Final = 40
"""Equations within equations; deeper ones are no school's."""
_SIGNS: Final = {
    "×": r"\times ", "÷": r"\div ", "⋅": r"\cdot ", "·": r"\cdot ", "∙": r"\cdot ", "±": r"\pm ", "∓": r"\mp ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "≡": r"\equiv ", "∞": r"\infty ", "∈": r"\in ",
    "∉": r"\notin ", "⊂": r"\subset ", "⊆": r"\subseteq ", "\u222a": r"\cup ", "∩": r"\cap ", "∅": r"\emptyset ",
    "∀": r"\forall ", "∃": r"\exists ", "→": r"\to ", "⇒": r"\Rightarrow ", "⇔": r"\Leftrightarrow ", "∠": r"\angle ",
    "⊥": r"\perp ", "∥": r"\parallel ", "△": r"\triangle ", "∆": r"\Delta ", "°": r"^\circ ", "∘": r"^\circ ",
    "…": r"\dots ", "⋯": r"\cdots ", "\u2212": "-", "∑": r"\sum ", "∫": r"\int ", "∏": r"\prod ",
    "\u211d": r"\mathbb{R}", "\u2115": r"\mathbb{N}", "\u2124": r"\mathbb{Z}", "\u211a": r"\mathbb{Q}",
    "%": r"\%", "#": r"\#", "&": r"\&", "_": r"\_", "{": r"\{", "}": r"\}", "$": "", "\\": r"\setminus ",
    "\u2061": "", "\u200b": "", "\xa0": " ",
}  # fmt: skip
_GREEK: Final = {
    "\u03b1": "alpha", "β": "beta", "\u03b3": "gamma", "δ": "delta", "ε": "varepsilon", "θ": "theta", "λ": "lambda",
    "μ": "mu", "π": "pi", "\u03c1": "rho", "\u03c3": "sigma", "φ": "varphi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ω": "Omega",
}  # fmt: skip
_FUNCTIONS: Final = frozenset(
    {"sin", "cos", "tan", "cot", "arcsin", "arccos", "arctan", "log", "ln", "lg", "lim", "max", "min"}
)
_ACCENTS: Final = {
    "\u0302": "widehat", "^": "widehat", "\u0305": "overline", "\u0304": "overline", "¯": "overline",
    "\u20d7": "overrightarrow", "→": "overrightarrow", "\u23dc": "overparen", "\u2312": "overparen",
    "\u0311": "overparen", "\u0303": "widetilde",
}  # fmt: skip
_OPEN: Final = {"{": r"\{", "⟨": r"\langle ", "": "."}
_CLOSE: Final = {"}": r"\}", "⟩": r"\rangle ", "": "."}
_WORDS: Final = re.compile(r"[^\W\d_]{2,}(?:\s+[^\W\d_]+)*")


def tex_of(equation: Element) -> str:
    """Return an equation as TeX, without the signs around it; empty for an empty one."""
    return re.sub(r"\s+", " ", _all(equation, 0)).strip()


def _all(element: Element, depth: int) -> str:
    return "".join(_one(child, depth + 1) for child in element)


def _one(element: Element, depth: int) -> str:
    if depth > DEEPEST:
        return "".join(element.itertext())
    if element.tag == f"{MATHS}r":
        return _run(element)
    name = element.tag.removeprefix(MATHS)
    if element.tag == name or name.endswith("Pr"):
        return ""
    write = _WRITERS.get(name)
    return write(element, depth) if write else _all(element, depth)


def _part(element: Element, name: str, depth: int) -> str:
    found = element.find(f"{MATHS}{name}")
    return "" if found is None else _all(found, depth).strip()


def _parts(element: Element, name: str, depth: int) -> Iterator[str]:
    return (_all(found, depth).strip() for found in element.iterfind(f"{MATHS}{name}"))


def _said(element: Element, path: str, otherwise: str) -> str:
    """Return a property's value, `otherwise` where it is not said."""
    found = element.find("/".join(f"{MATHS}{step}" for step in path.split("/")))
    return otherwise if found is None else found.get(_VAL, "")


def _run(run: Element) -> str:
    return signs("".join(text.text or "" for text in run.iterfind(f"{MATHS}t")))


def signs(text: str) -> str:
    r"""Return plain letters and signs as TeX: words in `\text{…}`, Greek letters and signs by their names."""
    text = "".join(_upright(sign) for sign in text)
    return "".join(_worded(piece) for piece in re.split(f"({_WORDS.pattern})", text))


def _upright(sign: str) -> str:
    """Return a letter of the mathematical alphabets as the letter that it is; other signs stay what they are."""
    return unicodedata.normalize("NFKC", sign) if "\U0001d400" <= sign <= "\U0001d7ff" else sign


def _worded(piece: str) -> str:
    if piece in _FUNCTIONS:
        return f"\\{piece} "
    if _WORDS.fullmatch(piece) and not piece.isascii() and not all(sign in _GREEK for sign in piece):
        return f"\\text{{{piece}}}"
    return "".join(
        _SIGNS.get(sign) or (f"\\{_GREEK[sign]} " if sign in _GREEK else _SIGNS.get(sign, sign))
        for sign in piece
    )


def _fraction(element: Element, depth: int) -> str:
    above, below = _part(element, "num", depth), _part(element, "den", depth)
    if _said(element, "fPr/type", "bar") == "lin":
        return f"{above}/{below}"
    return f"\\frac{{{above}}}{{{below}}}"


def _script(below: str, above: str) -> Callable[[Element, int], str]:
    def write(element: Element, depth: int) -> str:
        made = _based(_part(element, "e", depth))
        if below:
            made += f"_{{{_part(element, below, depth)}}}"
        if above and (power := _part(element, above, depth)):
            made += "^\\circ " if power == "^\\circ" else f"^{{{power}}}"
        return made

    return write


def _based(base: str) -> str:
    """Return what a script hangs on: in braces where it is more than a sign, a name or a bracket."""
    simple = len(base) <= 1 or re.fullmatch(r"\\[A-Za-z]+ ?|\\left.*\\right.+|[\d.,]+", base)
    return base if simple else f"{{{base}}}"


def _root(element: Element, depth: int) -> str:
    degree, under = _part(element, "deg", depth), _part(element, "e", depth)
    return f"\\sqrt[{degree}]{{{under}}}" if degree else f"\\sqrt{{{under}}}"


def _fenced(element: Element, depth: int) -> str:
    begin, end = _said(element, "dPr/begChr", "("), _said(element, "dPr/endChr", ")")
    between = _said(element, "dPr/sepChr", "|")
    inner = between.join(_parts(element, "e", depth))
    if begin == "{" and not end and (rows := element.find(f"{MATHS}e/{MATHS}eqArr")) is not None:
        return f"\\begin{{cases}} {_lines(rows, depth)} \\end{{cases}}"
    if not begin and not end:
        return inner
    return f"\\left{_OPEN.get(begin, begin)} {inner} \\right{_CLOSE.get(end, end)}"


def _lines(element: Element, depth: int) -> str:
    return r" \\ ".join(line.replace(r"\&", "") for line in _parts(element, "e", depth))


def _array(element: Element, depth: int) -> str:
    return f"\\begin{{aligned}} {_lines(element, depth)} \\end{{aligned}}"


def _matrix(element: Element, depth: int) -> str:
    rows = (" & ".join(_parts(row, "e", depth)) for row in element.iterfind(f"{MATHS}mr"))
    return "\\begin{matrix} " + r" \\ ".join(rows) + " \\end{matrix}"


def _large(element: Element, depth: int) -> str:
    sign = signs(_said(element, "naryPr/chr", "∫")).strip()
    below, above = _part(element, "sub", depth), _part(element, "sup", depth)
    limits = (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
    return f"{sign}{limits} {_part(element, 'e', depth)}"


def _function(element: Element, depth: int) -> str:
    return f"{_part(element, 'fName', depth)} {_part(element, 'e', depth)}"


def _accent(element: Element, depth: int) -> str:
    over = _ACCENTS.get(_said(element, "accPr/chr", "\u0302"), "widehat")
    return f"\\{over}{{{_part(element, 'e', depth)}}}"


def _bar(element: Element, depth: int) -> str:
    line = "overline" if _said(element, "barPr/pos", "bot") == "top" else "underline"
    return f"\\{line}{{{_part(element, 'e', depth)}}}"


def _grouped(element: Element, depth: int) -> str:
    over = _ACCENTS.get(_said(element, "groupChrPr/chr", "⏟"))
    inner = _part(element, "e", depth)
    return f"\\{over}{{{inner}}}" if over else inner


def _limit(mark: str) -> Callable[[Element, int], str]:
    def write(element: Element, depth: int) -> str:
        base, limit = _part(element, "e", depth), _part(element, "lim", depth)
        return f"{base.strip()}{mark}{{{limit}}}"

    return write


_WRITERS: Final[dict[str, Callable[[Element, int], str]]] = {
    "f": _fraction, "sSup": _script("", "sup"), "sSub": _script("sub", ""), "sSubSup": _script("sub", "sup"),
    "rad": _root, "d": _fenced, "eqArr": _array, "m": _matrix, "nary": _large, "func": _function, "acc": _accent,
    "bar": _bar, "groupChr": _grouped, "limLow": _limit("_"), "limUpp": _limit("^"),
}  # fmt: skip


def equations_in(elements: Iterable[Element]) -> Iterator[Element]:
    """Yield the equations of a paragraph that is one equation or several (`m:oMathPara`)."""
    return (element for element in elements if element.tag == f"{MATHS}oMath")
