"""What the address bar of a change says: the place, the class, the day, and in a few words what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from app.parameters import number_in
from app.text import clean_name

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WORDS: Final = 80


@dataclass(frozen=True, slots=True)
class View:
    """A view; everything of it stands in the address, so that it can be sent."""

    place: int | None
    class_id: int | None
    day: date
    words: str

    def arguments(self) -> dict[str, str]:
        """Return the view as it stands in an address."""
        chosen = {"place": self.place, "class": self.class_id, "day": self.day, "what": self.words}
        return {name: str(value) for name, value in chosen.items() if value}


def read_view(arguments: Mapping[str, str], default: date) -> View:
    """Read an address; what it does not say, or says wrongly, is the default day and no particular place."""
    place, class_id = (number_in(arguments.get(name, "")) for name in ("place", "class"))
    return View(
        place,
        class_id,
        _day(arguments.get("day", "")) or default,
        clean_name(arguments.get("what", ""))[:LONGEST_WORDS],
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None  # noqa: PLR2004 - weeks around it must be days too
