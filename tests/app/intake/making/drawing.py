"""Draws a roster file from a seed: who is in it, how the page looks, how its cells are typed, what program wrote it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

from tests.app.intake.making import typing_in, writing
from tests.app.intake.making.children import Child, children_of
from tests.app.intake.making.layout import Layout, pages_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tests.app.intake.making.writing import Page

KINDS: Final = ("xlsx",) * 8 + ("ods",) * 2 + ("csv",) * 5 + ("html",) * 2 + ("xml",) * 2
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A file, what it is called, and (code, name, birth date, sex, class, people) of each child in it."""

    name: str
    content: bytes
    wanted: tuple[tuple[str | None, str, date, str, str, str | None], ...]
    pages: Sequence[Page] = field(default=(), repr=False)
    how: str = ""


def drawn(seed: int, kind: str | None = None) -> Drawn:
    """Return the file of a seed; `kind` asks for one kind of file."""
    random = Random(seed)
    kind = kind or random.choice(KINDS)
    layout = Layout.drawn(random, one_page=kind in {"csv", "html"})
    children = children_of(random, with_codes=layout.has("code"), low_codes=random.random() < 0.2)
    typist = typing_in.Typist.drawn(random, kind)
    pages = pages_of(random, layout, typist, children)
    content, how = _written(random, kind, pages, from_1904=typist.from_1904)
    wanted = tuple(
        (
            child.code,
            child.name,
            child.born,
            child.sex,
            child.class_name,
            child.people if layout.has("people") else None,
        )
        for child in children
    )
    return Drawn(f"{seed}.{kind}", content, wanted, pages, f"{kind} {how} {layout} {typist}")


def _written(random: Random, kind: str, pages: Sequence[Page], *, from_1904: bool) -> tuple[bytes, str]:
    if kind == "xlsx":
        return writing.xlsx(pages, from_1904=from_1904), ""
    if kind == "ods":
        return writing.ods(pages), ""
    if kind == "html":
        mark = random.choice([b"", b"\xef\xbb\xbf"])
        return mark + writing.html(pages).encode(), "BOM" if mark else ""
    if kind == "xml":
        return writing.xml_2003(pages).encode(), ""
    encoding, delimiter = random.choice(ENCODINGS), random.choice(";;,,\t")
    text = writing.csv_text(pages[0], delimiter)
    if encoding == "cp1258":
        text = for_windows_1258(text.replace("\u200b", "").replace("✓", "x"))
    return text.encode(encoding, "replace" if encoding == "cp1258" else "strict"), f"{encoding} {delimiter!r}"


def for_windows_1258(text: str) -> str:
    """Return a text as Windows-1258 spells it: letters with their shape, tones behind them."""
    spelled = []
    for sign in unicodedata.normalize("NFC", text):
        try:
            sign.encode("cp1258")
            spelled.append(sign)
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", sign)
            tones = [part for part in parts[1:] if part in "\u0300\u0301\u0303\u0309\u0323"]
            base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
            spelled.append(base + "".join(tones))
    return "".join(spelled)


__all__ = ["Child", "Drawn", "drawn"]
