"""Invented children in classes named as schools in Vietnam name them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

FAMILIES: Final = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Tôn Nữ",
    "Lý",
    "Mạc",
)
MIDDLES: Final = ("Văn", "Thị", "Hoàng Phương", "Đức", "Minh", "Ngọc Bảo", "Quốc", "Thị Thúy", "")
GIVENS: Final = ("An", "Ánh", "Bình", "Cường", "Dũng", "Đạt", "Giang", "Hường", "Khuê", "Loan", "Ước", "Quyền",
                 "Uyên", "Vỹ", "Yến", "Thuỷ", "Hoà", "Tổng", "Cộng", "Ký", "Nữ", "Nam")  # fmt: skip
OTHERS: Final = (
    ("Điểu K'Rân", "Xtiêng", "S'tiêng"), ("Thị H'Hoa", "Mnông", "M'nông"), ("Y Bloong", "Ê-đê", "Ê Đê"),
    ("Ka Să", "Cơ-ho", "K'Ho"), ("Lâm Sà Rây", "Khơ-me", "Khmer"), ("Sùng A Páo", "H'Mông", "Mông"),
    ("Ksor H'Lan", "Gia-rai", "Gia Rai"), ("Thạch Sô Phi", "Khơ-me", "Khơ me"), ("Vi Văn Mẫu", "Thái", "THÁI"),
)  # fmt: skip
OLDEST_CODE: Final = 10**8
CLASS_STYLES: Final = (
    ("{g}A{n}", range(6, 10)), ("{g}/{n}", range(1, 10)), ("{g}.{n}", range(6, 13)), ("{g}A", range(1, 6)),
    ("{g}A1{n}", range(10, 13)), ("{g}C{n}", range(10, 13)), ("L{g}B", range(1, 6)), ("{g}-{n}", range(6, 10)),
    ("{g}TN{n}", range(10, 13)), ("{g} Toán", range(10, 13)), ("{g}B{n}", range(1, 6)), ("{g}Đ", range(1, 6)),
    ("{g}/1{n}", range(6, 10)), ("{g} Chuyên Văn", range(10, 13)), ("{g}CA{n}", range(6, 10)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Child:
    """A child as the importer should know it; `spelling` is how the file writes the people."""

    code: str | None
    name: str
    born: date
    sex: str
    class_name: str
    grade: int
    people: str = "Kinh"
    spelling: str = "Kinh"

    @property
    def is_girl(self) -> bool:
        """Whether the child is a girl."""
        return self.sex == "F"


def children_of(random: Random, *, with_codes: bool, low_codes: bool) -> list[Child]:
    """Return children of one to four classes, class by class; nobody stands twice among them."""
    style, grades = random.choice(CLASS_STYLES)
    names = dict.fromkeys(
        style.format(g=random.choice(grades), n=random.randint(1, 5)) for _ in range(random.randint(1, 4))
    )
    found: list[Child] = []
    for class_name in names:
        grade = int("".join(sign for sign in class_name[:2] if sign.isdigit()) or class_name[1])
        found += [_child(random, class_name, grade) for _ in range(random.randint(3, 9))]
    seen: dict[str, Child] = {}
    for child in found:
        seen.setdefault(child.name, child)
    found = list(seen.values())
    first = random.randint(1, 99) * OLDEST_CODE if not low_codes else random.randint(1, 9) * OLDEST_CODE
    if not with_codes:
        return found
    codes = [f"{first + random.randint(0, 999) * 1000 + place:010d}" for place in range(len(found))]
    return [replace(child, code=code) for child, code in zip(found, codes, strict=True)]


def _child(random: Random, class_name: str, grade: int) -> Child:
    born = date(2020 - grade, 1, 1) + timedelta(days=random.randrange(365))
    if random.random() < 0.2:
        name, people, spelling = random.choice(OTHERS)
    else:
        parts = (random.choice(FAMILIES), random.choice(MIDDLES), random.choice(GIVENS))
        name, people, spelling = " ".join(part for part in parts if part), "Kinh", "Kinh"
    return Child(None, name, born, random.choice("MF"), class_name, grade, people, spelling)
