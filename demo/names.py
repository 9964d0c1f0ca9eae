"""Invented people of Đồng Nai: names as one hears them there, the same ones for the same seed.

Kinh names are put together from family, middle and given names of two generations; the other peoples of the former
Bình Phước part have their own shapes (Điểu and Thị of the Xtiêng, Y and H' of the Ê-đê, K' and Ka of the Mạ).
A name that belongs to a person whom everybody knows is never given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Set as AbstractSet

MALE: Final = "M"
FEMALE: Final = "F"


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """A name with what goes with it. `sex` is "M" or "F"; `ethnicity` is the name of a people, as rosters write it."""

    full_name: str
    sex: str
    ethnicity: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


PEOPLES: Final = {
    "Kinh": 800, "Xtiêng": 95, "Tày": 26, "Nùng": 26, "Khơ-me": 22, "Hoa": 14, "Ê-đê": 9, "Mạ": 8,
}  # fmt: skip
"""Shares in a thousand, roughly as in the north of the province."""

KINH_FAMILIES: Final = {
    "Nguyễn": 320, "Trần": 120, "Lê": 100, "Phạm": 75, "Huỳnh": 55, "Võ": 42, "Phan": 40, "Đặng": 26, "Bùi": 26,
    "Đỗ": 20, "Hoàng": 20, "Ngô": 16, "Hồ": 15, "Dương": 14, "Vũ": 12, "Đinh": 9, "Trương": 14, "Đoàn": 8, "Lương": 7,
    "Mai": 7, "Lưu": 6, "Tô": 4, "Cao": 6, "Châu": 4, "Tạ": 4, "Thái": 4, "Trịnh": 6, "Phùng": 4, "Quách": 2,
    "Triệu": 2,
}  # fmt: skip

_CHILD: Final = {
    MALE: (
        _phrases(
            "Minh, Gia, Quốc, Đức, Hữu, Anh, Thanh, Tuấn, Hoàng, Bảo, Nhật, Thiên, Đăng, Khánh, Trung, Xuân, "
            "Văn, Ngọc, Phúc, Tấn, Chí, Công, Nguyễn Minh, Trần Gia, Lê Hoàng, Huỳnh Đức, Phạm Quốc"
        ),
        _words(
            "An Bảo Bình Cường Dũng Duy Dương Đạt Đăng Đức Hải Hào Hậu Hiếu Hoàng Huy Hùng Hưng Kha Khang "
            "Khải Khánh Khoa Khôi Kiên Kiệt Lâm Lộc Long Luân Minh Nam Nghĩa Nguyên Nhân Nhật Phát Phong Phú "
            "Phúc Quân Quang Sang Sơn Tài Tâm Tân Thành Thắng Thiện Thịnh Thuận Tiến Tín Toàn Trí Trọng Trung "
            "Trường Tú Tùng Vinh Vũ Vương"
        ),
    ),
    FEMALE: (
        _phrases(
            "Ngọc, Thị, Thảo, Khánh, Bảo, Gia, Minh, Thanh, Phương, Kim, Mỹ, Thùy, Quỳnh, Hoài, Yến, Tường, "
            "Diễm, Ánh, Hồng, Cẩm, Tuệ, An, Nguyễn Bảo, Trần Ngọc, Lê Phương, Thị Ngọc, Thị Thanh, Thị Mỹ, "
            "Thị Kim"
        ),
        _words(
            "An Anh Ánh Bích Châu Chi Diệp Diệu Dung Duyên Đan Giang Hà Hạnh Hân Hiền Hoa Hương Hường Huyền "
            "Khuê Lam Lan Liên Linh Loan Ly Mai My Na Ngân Nghi Ngọc Nguyên Nguyệt Nhi Nhiên Như Oanh Phương "
            "Phượng Quyên Quỳnh San Sương Tâm Thảo Thi Thơ Thư Thương Thủy Tiên Trâm Trân Trang Trinh Trúc Tú "
            "Tuyền Uyên Ước Vân Vy Xuân Ý Yến"
        ),
    ),
}
_ADULT: Final = {
    MALE: (
        _phrases(
            "Văn, Văn, Văn, Đình, Quang, Ngọc, Thanh, Hữu, Minh, Xuân, Công, Tấn, Hoàng, Đức, Bá, Duy, Trọng"
        ),
        _words(
            "An Ba Bình Chiến Cường Dũng Đạt Điền Định Đông Hải Hạnh Hiệp Hòa Hoàng Hùng Hưng Khánh Lâm Lập "
            "Lợi Luân Mạnh Minh Nam Nghĩa Phong Phú Phước Quang Quý Quyết Sáu Sơn Tài Tám Tâm Thái Thành "
            "Thắng Thiện Thuận Tiến Tịnh Toàn Trí Trung Tuấn Tường Út Việt Vinh"
        ),
    ),
    FEMALE: (
        _phrases(
            "Thị, Thị, Thị, Thị Thu, Thị Ngọc, Thị Thanh, Thị Kim, Thị Hồng, Ngọc, Thanh, Kim, Bích, Thu, Mỹ, "
            "Thúy"
        ),
        _words(
            "Anh Bé Bích Châu Cúc Diễm Dung Duyên Đào Điệp Hà Hải Hạnh Hằng Hiền Hoa Hòa Hồng Huệ Hương Hường "
            "Huyền Lan Lài Liên Loan Lý Mai Minh Nga Ngân Nguyệt Nhàn Nhung Oanh Phượng Quyên Sáu Sương Tâm "
            "Thảo Thắm Thơm Thu Thúy Thủy Trang Trinh Tuyết Út Vân Xuân Yến"
        ),
    ),
}

_XTIENG: Final = {
    MALE: _words(
        "Bông Bang Đon Giang Hoàng Huynh Khang Khem Lanh Long Lốc Minh Mơn Nam Nhâm Phong Quân Sơn Tài "
        "Thái Thành Tiến Toàn Trung Vũ Xuân K'Lam K'Rân K'Bông K'Trí"
    ),
    FEMALE: _words(
        "Bé Diễm Dung Đơn Giang Hằng Hiền Hoa Hương Khươi Kim Lan Lành Linh Loan Mai Mơn My Ngân Nhung "
        "Phương Pranh Rin Sương Thảo Thương Trang Tuyết Út Vân Xuân Yến"
    ),
}
_TAY_NUNG_FAMILIES: Final = {
    "Tày": _words("Nông Hoàng Hà Bế Lương Ma Lục Đàm Triệu Lý"),
    "Nùng": _words("Nông Lương Vi Hoàng Chu Lý Hứa Lâm Mông Long"),
}
_KHMER_FAMILIES: Final = _words("Thạch Sơn Danh Kim Lâm Lý Kiên Châu")
_KHMER: Final = {
    MALE: _phrases(
        "Rây, Sóc Kha, Minh, Phi Rum, Đa Ra, Sà Rinh, Hiền, Chanh Thi, Vi Chét, Phát, Sóc Khên, Thanh Bình"
    ),
    FEMALE: _phrases(
        "Thị Sóc Khim, Thị Sa Ly, Thị Ma Ly, Thị Chanh, Sô Phi, Thị Đa, Thị Ngọc Ny, Thị Thu, Thị Kim Hoa"
    ),
}
_HOA_FAMILIES: Final = _words("Lâm Quách Trương Vương Lý Trịnh Tăng Diệp Huỳnh Châu Mã La")
_HOA: Final = {
    MALE: _phrases(
        "Gia Hào, Chí Hùng, Vĩ Khang, Kiến Văn, Tuấn Kiệt, Quốc Cường, Gia Huy, Chấn Phong, Vĩnh Phát, Dũ "
        "Minh"
    ),
    FEMALE: _phrases(
        "Mỹ Linh, Mỹ Phụng, Tú Anh, Bội Nghi, Tuệ Mẫn, Gia Kỳ, Huệ Linh, Mỹ Kỳ, Thục Trinh, Lệ Quân"
    ),
}
_EDE: Final = {
    MALE: _phrases("Bloong, Thuân, Khôi, Nguyên, Duy, Phi, Bảo, Hoàng, Lâm, Sơn"),
    FEMALE: _phrases("Hoa, Lan, Linh, Hương, Ly, Mai, Nga, Thảo, Yến, Trang"),
}
_MA: Final = {
    MALE: _phrases("Brèo, Rân, Tiêm, Bình, Hùng, Lý, Thành, Bảo, Sơn, Toàn"),
    FEMALE: _phrases("Thủy, Hằng, Linh, Mai, Dung, Hương, Thảo, Lan, Yến, Trang"),
}

KNOWN_PEOPLE: Final = frozenset(
    _phrases(
        "Bùi Tiến Dũng, Châu Văn Liêm, Đặng Thị Ngọc Thịnh, Đinh Tiên Hoàng, Đoàn Văn Hậu, Hoàng Hoa "
        "Thám, Hoàng Văn Thụ, Hồ Ngọc Hà, Huỳnh Thúc Kháng, Lê Công Vinh, Lê Duẩn, Lê Đức Anh, Lê Đức "
        "Thọ, Lê Hồng Phong, Lê Minh Hưng, Lê Quang Liêm, Lê Thị Hồng Gấm, Lê Văn Duyệt, Lê Văn Tám, "
        "Lương Cường, Lương Thế Vinh, Lý Tự Trọng, Ngô Bảo Châu, Ngô Quyền, Nguyễn An Ninh, Nguyễn Công "
        "Phượng, Nguyễn Du, Nguyễn Hòa Bình, Nguyễn Hữu Cảnh, Nguyễn Minh Triết, Nguyễn Phú Trọng, Nguyễn "
        "Quang Hải, Nguyễn Tấn Dũng, Nguyễn Thị Ánh Viên, Nguyễn Thị Kim Ngân, Nguyễn Thị Minh Khai, "
        "Nguyễn Thị Bình, Nguyễn Thị Định, Nguyễn Thị Oanh, Nguyễn Trung Trực, Nguyễn Văn Cừ, Nguyễn Văn "
        "Linh, Nguyễn Văn Thiệu, Nguyễn Văn Toàn, Nguyễn Văn Trỗi, Nguyễn Xuân Phúc, Nguyễn Xuân Son, "
        "Phạm Minh Chính, Phạm Quang Huy, Phạm Tuân, Phan Văn Trị, Quách Thị Lan, Tăng Thanh Hà, Tô Hoài, "
        "Tô Lâm, Trần Anh Hùng, Trần Đại Nghĩa, Trần Đại Quang, Trần Hưng Đạo, Trần Phú, Trần Quang Khải, "
        "Trần Quốc Toản, Trần Thanh Mẫn, Trần Thành, Trần Nhân Tông, Trịnh Công Sơn, Trương Mỹ Lan, Võ "
        "Minh Trí, Võ Nguyên Giáp, Võ Thị Sáu, Võ Thị Thắng, Võ Văn Kiệt, Võ Văn Tần, Võ Văn Thưởng, "
        "Vương Đình Huệ"
    )
)
"""People of history and of today's news whose names our lists could put together; never given to anybody here."""


class NameGiver:
    """Gives names from one source of chance; the same seed gives the same people in the same order."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def pupil(self, sex: str, avoid: AbstractSet[str] = frozenset()) -> InventedPerson:
        """Return a pupil of any people whose name is not in `avoid` (the names that the class has already)."""
        while True:
            people = self._one_of(PEOPLES)
            name = self._name(people, sex, _CHILD)
            if name not in avoid and name not in KNOWN_PEOPLE:
                return InventedPerson(name, sex, people)

    def adult(self, sex: str, avoid: AbstractSet[str] = frozenset()) -> InventedPerson:
        """Return a teacher or another member of staff; most are Kinh, some Tày, Nùng, Xtiêng or Hoa."""
        while True:
            people = self._chance.choices(("Kinh", "Tày", "Nùng", "Hoa", "Xtiêng"), (92, 3, 2, 1, 2))[0]
            name = self._name(people, sex, _ADULT)
            if name not in avoid and name not in KNOWN_PEOPLE:
                return InventedPerson(name, sex, people)

    def guardian(self, child: InventedPerson, sex: str) -> InventedPerson:
        """Return a father (of the child's family name where the people hands it down) or a mother."""
        while True:
            name = self._name(child.ethnicity, sex, _ADULT)
            if sex == MALE and child.ethnicity in {"Kinh", "Tày", "Nùng", "Hoa", "Khơ-me"}:
                name = f"{child.full_name.split(' ')[0]} {name.split(' ', 1)[1]}"
            if name not in KNOWN_PEOPLE and name != child.full_name:
                return InventedPerson(name, sex, child.ethnicity)

    def _name(
        self, people: str, sex: str, generation: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    ) -> str:
        pick = self._chance.choice
        if people == "Xtiêng":
            return f"{'Điểu' if sex == MALE else 'Thị'} {pick(_XTIENG[sex])}"
        if people == "Ê-đê":
            return f"Y {pick(_EDE[sex])}" if sex == MALE else f"H'{pick(_EDE[sex])}"
        if people == "Mạ":
            return f"K'{pick(_MA[sex])}" if sex == MALE else f"Ka {pick(_MA[sex])}"
        if people == "Khơ-me":
            return f"{pick(_KHMER_FAMILIES)} {pick(_KHMER[sex])}"
        if people == "Hoa":
            return f"{pick(_HOA_FAMILIES)} {pick(_HOA[sex])}"
        families = _TAY_NUNG_FAMILIES.get(people)
        family = pick(families) if families else self._one_of(KINH_FAMILIES)
        return self._three_words(family, *generation[sex])

    def _three_words(self, family: str, middles: tuple[str, ...], givens: tuple[str, ...]) -> str:
        """Return family, middle and given name, without a word twice ("Minh Minh") as parents would not."""
        while True:
            middle, given = self._chance.choice(middles), self._chance.choice(givens)
            words = [family, *middle.split(" "), given]
            if len(set(words)) == len(words):
                return " ".join(words)

    def _one_of(self, shares: dict[str, int]) -> str:
        return self._chance.choices(tuple(shares), tuple(shares.values()))[0]


def balanced_sexes(count: int, chance: random.Random) -> list[str]:
    """Return `count` sexes in random order, as even as boys and girls can be in one class."""
    boys = (count + chance.choice((0, 1))) // 2
    sexes = [MALE] * boys + [FEMALE] * (count - boys)
    chance.shuffle(sexes)
    return sexes
