"""What may be entered, by whom and about what: a number is never entered without its source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.i18n import N_, Phrase, say
from app.school.rules import Level, UnitKind
from reports.indicators.rules import Count

if TYPE_CHECKING:
    from collections.abc import Mapping

VIEW_INPUTS: Final = Permission("indicator.inputs", everywhere(Role.PRINCIPAL, Role.DEPARTMENT_OFFICER))
LARGEST: Final = 10_000_000
LONGEST_SOURCE: Final = 300
HIGHEST_LEVEL: Final = 3


class Item(StrEnum):
    """What can be entered."""

    ROOMS = "rooms"
    STANDARD = "national_standard"
    DIGITAL = "digital_level"
    POPULATION_1 = "population_1"
    POPULATION_2 = "population_2"
    POPULATION_3 = "population_3"


@dataclass(frozen=True, slots=True)
class Field:
    """A number of an item: its name, what it is called, and the largest that makes sense."""

    name: str
    label: str
    most: int = LARGEST


@dataclass(frozen=True, slots=True)
class Question:
    """An item as it is asked: of units of these kinds, with one or two numbers (`part` is among `whole`)."""

    item: Item
    label: str
    hint: str
    kinds: tuple[UnitKind, ...]
    part: Field
    whole: Field | None = None


_ABOVE: Final = (UnitKind.PROVINCE, UnitKind.WARD)
_PEOPLE: Final = N_("Số trẻ trong độ tuổi theo năm sinh, của địa bàn đơn vị. Chỉ dùng cho tỷ lệ đi học.")
QUESTIONS: Final = (
    Question(
        Item.ROOMS,
        N_("Phòng học"),
        N_("Đếm phòng đang dùng để học tại ngày 30/9."),
        (UnitKind.SCHOOL,),
        Field("part", N_("Số phòng kiên cố")),
        Field("whole", N_("Số phòng học")),
    ),
    Question(
        Item.STANDARD,
        N_("Đạt chuẩn quốc gia"),
        N_("Ghi 1 nếu trường có quyết định công nhận còn hiệu lực, ghi 0 nếu chưa."),
        (UnitKind.SCHOOL,),
        Field("part", N_("Đạt chuẩn (1 hoặc 0)"), most=1),
    ),
    Question(
        Item.DIGITAL,
        N_("Mức chuyển đổi số"),
        N_("Theo QĐ 4725/QĐ-BGDĐT: mức 1, 2 hoặc 3; lấy mức thấp hơn trong hai nhóm tiêu chí."),
        (UnitKind.SCHOOL,),
        Field("part", N_("Mức (1 đến 3)"), most=HIGHEST_LEVEL),
    ),
    Question(Item.POPULATION_1, N_("Dân số 6 đến 10 tuổi"), _PEOPLE, _ABOVE, Field("part", N_("Số trẻ"))),
    Question(Item.POPULATION_2, N_("Dân số 11 đến 14 tuổi"), _PEOPLE, _ABOVE, Field("part", N_("Số trẻ"))),
    Question(Item.POPULATION_3, N_("Dân số 15 đến 17 tuổi"), _PEOPLE, _ABOVE, Field("part", N_("Số trẻ"))),
)
_LEVELS: Final = {
    Item.POPULATION_1: Level.PRIMARY,
    Item.POPULATION_2: Level.LOWER_SECONDARY,
    Item.POPULATION_3: Level.UPPER_SECONDARY,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody entered for an item; raises InvalidError (with the field at fault) when it makes no sense."""

    item: Item
    part: int
    whole: int | None
    source: str

    def __post_init__(self) -> None:
        """Check numbers and source."""
        if wrong := self._wrong_field():
            raise InvalidError(wrong[1], {wrong[0]: wrong[1]})

    def _wrong_field(self) -> tuple[str, Phrase] | None:
        asked = question(self.item)
        if not 0 <= self.part <= asked.part.most or (self.item is Item.DIGITAL and self.part == 0):
            return "part", say("Số phải từ 0 đến %(most)s.", most=asked.part.most)
        if asked.whole is not None and (
            self.whole is None or not self.part <= self.whole <= asked.whole.most
        ):
            return "whole", say("Tổng số không được nhỏ hơn phần của nó.")
        if not self.source.strip():
            return "source", say("Hãy ghi nguồn: số văn bản, ngày, nơi ban hành.")
        return None

    def counts(self) -> Mapping[Count, int]:
        """Return what the answer adds to the counts of a place."""
        if self.item is Item.ROOMS:
            return {Count.SOLID_ROOMS: self.part, Count.ROOMS: self.whole or 0}
        if self.item is Item.STANDARD:
            return {Count.SCHOOLS_OF_STANDARD: self.part, Count.SCHOOLS_ASKED_STANDARD: 1}
        if self.item is Item.DIGITAL:
            return {Count.SCHOOLS_OF_LEVEL_3: int(self.part == HIGHEST_LEVEL), Count.SCHOOLS_ASSESSED: 1}
        return {Count.POPULATION: self.part}

    @property
    def level(self) -> Level | None:
        """The level whose population it is; None for everything else."""
        return _LEVELS.get(self.item)


def question(item: Item) -> Question:
    """Return how an item is asked."""
    return next(asked for asked in QUESTIONS if asked.item is item)


def questions_for(kind: str) -> tuple[Question, ...]:
    """Return what is asked of a unit of a kind."""
    return tuple(asked for asked in QUESTIONS if kind in asked.kinds)
