"""What the address bar of a report says: the month, the level, the ward, the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from app.parameters import number_in
from app.school.rules import LEVEL_NAMES, Level
from reports.cubes.rules import Month
from reports.indicators.rules import ORDER_NAMES, Order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRADES: Final = {
    Level.PRIMARY: range(1, 6),
    Level.LOWER_SECONDARY: range(6, 10),
    Level.UPPER_SECONDARY: range(10, 13),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """A view of a report. `months` can be chosen, the newest first."""

    month: Month
    months: Sequence[Month]
    level: Level | None
    order: Order
    ward: int | None

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades of the level; empty for all."""
        return tuple(GRADES[self.level]) if self.level else ()

    @property
    def level_names(self) -> dict[Level, str]:
        """The levels to choose from."""
        return LEVEL_NAMES

    @property
    def order_names(self) -> dict[Order, str]:
        """The orders to choose from."""
        return ORDER_NAMES

    def arguments(self, **more: int) -> dict[str, str | int]:
        """Return the view as it stands in an address, with more arguments for the page that it leads to."""
        ward = str(self.ward or "")
        chosen = {"month": str(self.month), "level": self.level or "", "order": self.order, "ward": ward}
        return {name: value for name, value in chosen.items() if value and value != Order.NAME} | more

    def up_to_ward(self, address: str) -> str:
        """Return the view's address up to the number of a ward: ninety of them are not worth building one by one."""
        chosen = {name: value for name, value in self.arguments().items() if name != "ward"}
        return f"{address}?{urlencode(chosen)}&ward="


def read_filters(arguments: Mapping[str, str], months: Sequence[Month], default: Month) -> Filters:
    """Read an address; what it does not say, or says wrongly, is the default month, all levels and wards, by name."""
    month = Month.parse(arguments.get("month", "")) or default
    listed = list(months) if month in months else sorted({month, *months}, reverse=True)
    level = arguments.get("level", "")
    order, ward = arguments.get("order", ""), arguments.get("ward", "")
    return Filters(
        month=month,
        months=listed,
        level=Level(level) if level in set(Level) else None,
        order=Order(order) if order in set(Order) else Order.NAME,
        ward=number_in(ward),
    )
