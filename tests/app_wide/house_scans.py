"""What the house tests look for. Each scan takes text and returns its faults as `line N: what`; none means clean."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from babel.messages.pofile import read_po
from jinja2 import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BytesIO

BANNED_NAMES: Final = re.compile(
    "common|data|handlers?|helpers?|info|lib|managers?|misc|process(es)?|services?|shared|stuff|tools|utils?|utilit(y|ies)"
)
LONGEST_FUNCTION: Final = 50
_TEXT_MARKER: Final = re.compile("N_|_|say|(lazy_)?(n|p|np)?gettext")
_CLOCKS: Final = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
_VIETNAMESE: Final = re.compile(r"[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
_PRODUCT: Final = "Bảng Xanh"  # a name, the same in every language
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|\{\w+\}")

# ---------------------------------------------------------------------------------------------- Python


def readings_of_the_clock(source: str) -> list[str]:
    """Find calls of datetime.now and its like; only app/clock.py may read the computer's clock."""
    return [
        f"line {node.lineno}: {owner}.{node.attr}; time is passed in, from app.clock"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and (owner := _last_name(node.value), node.attr) in _CLOCKS
    ]


def long_functions(source: str) -> list[str]:
    """Find functions of more than LONGEST_FUNCTION lines, decorators and docstring not counted."""
    faults = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            lines = (node.end_lineno or node.lineno) - first.lineno + 1
            if lines > LONGEST_FUNCTION:
                faults.append(f"line {node.lineno}: {node.name} has {lines} lines")
    return faults


def unmarked_vietnamese(source: str) -> list[str]:
    """Find Vietnamese text that no marker (say, N_, gettext) offers to the catalogue."""
    tree = ast.parse(source)
    harmless = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _TEXT_MARKER.fullmatch(_last_name(node.func)):
            harmless |= {id(part) for argument in node.args for part in ast.walk(argument)}
    return [
        f"line {node.lineno}: {node.value!r} is not marked for translation"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and id(node) not in harmless
        if isinstance(node.value, str) and _VIETNAMESE.search(node.value.replace(_PRODUCT, ""))
    ]


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield every string that stands alone as a statement: docstrings, and those below a constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


# ------------------------------------------------------------------------------------------- templates

_SHOWN_ATTRIBUTES: Final = {"alt", "aria-description", "aria-label", "label", "placeholder", "title"}
_NOT_TEXT: Final = {"script", "style", "code", "kbd"}


def template_code_faults(source: str) -> list[str]:
    """Find what the content policy would refuse, and what turns escaping off, in a Jinja template."""
    faults, html = _without_jinja(source)
    return faults + _read(html).code_faults


def template_text_faults(source: str) -> list[str]:
    """Find text in a Jinja template that is not offered for translation."""
    return _read(_without_jinja(source)[1]).text_faults


def _without_jinja(source: str) -> tuple[list[str], str]:
    """Return the faults among the Jinja tokens, and the HTML with every Jinja part blanked, line for line."""
    faults: list[str] = []
    html: list[str] = []
    waits_for, previous = "", ["", ""]
    for line, kind, value in Environment(extensions=["jinja2.ext.i18n"], autoescape=True).lex(source):
        shown = kind == "data" and not waits_for
        html.append(value if shown else "\n" * value.count("\n"))
        if kind == "variable_begin" and html and _last_shown(html).endswith(("<", "</")):
            html.append("a")  # a tag whose name is an expression
        if kind == "name":
            waits_for = _hidden_until(waits_for, value, previous)
            if (previous[-1] == "|" and value == "safe") or value == "autoescape":
                faults.append(f"line {line}: {value} turns escaping off")
        if kind != "whitespace":
            previous = [previous[-1], value.strip()]
    return faults, "".join(html)


def _last_shown(html: list[str]) -> str:
    return next((part for part in reversed(html) if part), "")


def _hidden_until(waits_for: str, name: str, previous: list[str]) -> str:
    """Return the tag that ends a part which is no untranslated text: a translated one, or a block of class names."""
    if waits_for:
        return "" if name == waits_for and previous[-1].startswith("{%") else waits_for
    if name == "trans" and previous[-1].startswith("{%"):
        return "endtrans"
    if (
        previous[-1] == "block"
        and previous[-2].startswith("{%")
        and re.search("class|attributes|theme|size", name)
    ):
        return "endblock"
    return ""


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    return page


class _Page(HTMLParser):
    """Reads a template's HTML, and notes inline code and text that is not offered for translation."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.code_faults: list[str] = []
        self.text_faults: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _NOT_TEXT:
            self._inside.append(tag)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.code_faults.append(self._at("an inline script"))
        if tag == "style" or "style" in given:
            self.code_faults.append(self._at("an inline style"))
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.code_faults.append(self._at(f"a script in {name}="))
            if name in _SHOWN_ATTRIBUTES and _WORD.search(value or ""):
                self.text_faults.append(self._at(f"{name}={value!r} is not translated"))

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside and _WORD.search(data.replace(_PRODUCT, "")):
            self.text_faults.append(self._at(f"{data.strip()!r} is not translated"))

    def _at(self, what: str) -> str:
        return f"line {self.getpos()[0]}: {what}"


# ------------------------------------------------------------------------------------------ TypeScript

_COMMENT: Final = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
_T_CALL: Final = re.compile(r"""\bt\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)""")
_T_OF_SOMETHING: Final = re.compile(r"""(?<![\w.])t\(\s*(?!["'`)])[^\s]""")
_JSX_TEXT: Final = re.compile(r"(?<=[^=])>\s*([^<>{}()=;&|?:]*[^\W\d_]{2,}[^<>{}()=;&|?]*)\s*</")


def typescript_texts(source: str) -> set[str]:
    """Return every message that TypeScript asks the translator for: t("…")."""
    return {_unquoted(match[1]) for match in _T_CALL.finditer(_COMMENT.sub("", source))}


def typescript_faults(source: str) -> list[str]:
    """Find text that a TypeScript file shows without the translator, and messages that cannot be looked up."""
    bare = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), source)
    faults = [
        f"line {_line(bare, match)}: t() of something that is not one plain text"
        for match in [*_T_OF_SOMETHING.finditer(bare), *(m for m in _T_CALL.finditer(bare) if "${" in m[1])]
    ]
    rest = _T_CALL.sub(lambda match: "t(" + "\n" * match[0].count("\n"), bare)
    faults += [
        f"line {n}: {line.strip()!r}"
        for n, line in enumerate(rest.split("\n"), 1)
        if _VIETNAMESE.search(line)
    ]
    return faults + [f"line {_line(rest, match)}: {match[1].strip()!r}" for match in _JSX_TEXT.finditer(rest)]


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), literal[1:-1])


def _line(source: str, match: re.Match[str]) -> int:
    return source.count("\n", 0, match.start()) + 1


# ------------------------------------------------------------------------------- catalogues, lock files


def catalogue_faults(file: BytesIO) -> list[str]:
    """Find entries of a .po file that are empty, doubtful, or name other parameters than the Vietnamese."""
    faults = []
    for message in read_po(file, locale="en", abort_invalid=True):
        if not message.id:
            continue
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        answers = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if message.fuzzy:
            faults.append(f"{sources[0]!r} is marked fuzzy")
        if not all(answers) or len(answers) < len(sources):
            faults.append(f"{sources[0]!r} is not translated")
        elif not all(pair_agrees(sources[-1], answer) for answer in answers):
            faults.append(f"{sources[0]!r} and {answers!r} name different parameters")
    return faults


def pair_agrees(source: str, translation: str) -> bool:
    """Say whether a translation names exactly the parameters of its source."""
    return set(_PLACEHOLDER.findall(source)) == set(_PLACEHOLDER.findall(translation))


def lock_faults(text: str) -> list[str]:
    """Find addresses in a lock file: it must install from whatever registry a machine is set up with."""
    address = re.compile(
        r"\"resolved\"|--(?:extra-)?index-url|--find-links|--trusted-host|registry|pypi|file:/|@ http"
    )
    return [f"line {n}: {line.strip()}" for n, line in enumerate(text.split("\n"), 1) if address.search(line)]
