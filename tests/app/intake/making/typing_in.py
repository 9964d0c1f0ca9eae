"""How the person at the keyboard types: names, dates, codes, classes and sexes, one habit for each file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from tests.app.intake.making.writing import Formula, Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.app.intake.making.children import Child

DAY_ZERO: Final = date(1899, 12, 30)
_DATES: Final[dict[str, Callable[[date], Value]]] = {
    "cell": lambda day: day,
    "serial": lambda day: (day - DAY_ZERO).days,
    "d/m/y": lambda day: f"{day.day}/{day.month}/{day.year}",
    "dd/mm/yyyy": lambda day: f"{day:%d/%m/%Y}",
    "dd.mm.yyyy": lambda day: f"{day:%d.%m.%Y}",
    "d-m-yyyy": lambda day: f"{day.day}-{day.month}-{day.year}",
    "d/m/yy": lambda day: f"{day.day}/{day.month}/{day:%y}",
    "iso": lambda day: f"{day:%Y-%m-%d}",
    "iso time": lambda day: f"{day:%Y-%m-%d} 00:00:00",
    "time": lambda day: f"{day:%d/%m/%Y} 12:00:00 SA",
    "words": lambda day: f"ngày {day.day} tháng {day.month} năm {day.year}",
    "spaced": lambda day: f" {day:%d}/ {day:%m} /{day:%Y}\xa0",
    "quoted": lambda day: f"'{day:%d/%m/%Y}",
    "digits": lambda day: f"{day:%d%m%Y}",
    "thg": lambda day: f"{day:%d}-Thg{day.month}-{day:%Y}",
    "tháng": lambda day: f"{day.day} tháng {day.month}, {day.year}",
    "formula": lambda day: Formula(f"{day:%d/%m/%Y}"),
    "dashes": lambda day: f"{day:%d} – {day:%m} – {day:%Y}",
    "d/m/y'": lambda day: f"{day.day}/{day.month}/{day.year}.",
}
_TEXT_DATES: Final = tuple(name for name in _DATES if name not in {"cell", "serial"})


@dataclass(frozen=True, slots=True)
class Typist:
    """The habits of one file."""

    names: str
    form: str
    dates: tuple[str, ...]
    codes: str
    classes: str
    sexes: str
    crosses: str
    from_1904: bool

    @classmethod
    def drawn(cls, random: Random, kind: str) -> Typist:
        """Return somebody's habits; some kinds of file hold text alone."""
        dates = _TEXT_DATES if kind in {"csv", "html"} else tuple(_DATES)
        return cls(
            names=random.choice(
                ["plain", "plain", "capitals", "lower", "spaces", "nbsp", "zero width", "formula"]
            ),
            form=random.choice(["NFC", "NFC", "NFD"]),
            dates=tuple(random.sample(dates, random.choice([1, 1, 1, 2, 3]))),
            codes=random.choice(["text", "text", "number", "float", "quoted", "spaced", "point zero"]),
            classes=random.choice(["plain", "plain", "lower", "word", "spaced", "date", "padded"]),
            sexes=random.choice(["Nam Nữ", "NAM NỮ", "nam nữ", " Nam Nữ ", "Trai Gái"]),
            crosses=random.choice(["x", "X", "✓", "1", "v"]),
            from_1904=random.random() < 0.1 and kind == "xlsx",
        )

    def text(self, text: str) -> str:
        """Return any text in the file's normal form."""
        return unicodedata.normalize(self.form, text)  # type: ignore[arg-type] # NFC or NFD

    def name(self, name: str, *, whole: bool = True) -> Value:
        """Return a name, or half of one."""
        written = {
            "capitals": name.upper(),
            "lower": name.lower(),
            "spaces": f"  {name.replace(' ', '  ')} ",
            "nbsp": name.replace(" ", "\xa0"),
            "zero width": f"\u200b{name}\u200b",
        }.get(self.names, name)
        text = self.text(written)
        return Formula(text) if self.names == "formula" and whole else text

    def day(self, random: Random, day: date) -> Value:
        """Return a birth date."""
        value = _DATES[random.choice(self.dates)](day)
        if isinstance(value, int) and self.from_1904:
            return value - 1462
        return self.text(value) if isinstance(value, str) else value

    def code(self, code: str | None) -> Value:
        """Return a code."""
        if code is None:
            return None
        made: dict[str, Value] = {
            "number": int(code),
            "float": float(code),
            "quoted": f"'{code}",
            "spaced": f"{code[:2]} {code[2:6]} {code[6:]}",
            "point zero": f"{code}.0" if code[0] != "0" else code,
        }
        return made.get(self.codes, code)

    def class_cell(self, name: str, year: int = 2026) -> Value:
        """Return a class in a cell of its own."""
        parts = re.fullmatch(r"(\d+)[/.\-](\d+)", name)
        made: dict[str, Value] = {
            "lower": name.lower(),
            "word": f"Lớp {name}",
            "spaced": re.sub(r"([/.\-])", r" \1", name),
            "padded": f"{name} \xa0",
        }
        if self.classes == "date" and parts and "/" in name and int(parts[2]) <= 12:
            return date(year, int(parts[2]), int(parts[1]))
        if self.classes == "date" and parts and "." in name:
            return float(name)
        value = made.get(self.classes, name)
        return self.text(value) if isinstance(value, str) else value

    def sex(self, child: Child) -> Value:
        """Return the sex as a word."""
        boy, girl = self.sexes.split()
        return self.text(girl if child.is_girl else boy)

    def cross(self, *, there: bool) -> Value:
        """Return a cross or nothing."""
        return self.crosses if there else None
