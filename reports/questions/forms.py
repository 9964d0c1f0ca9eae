"""What the address bar of a question says: the week, the level, the ward, the school."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.parameters import number_in
from app.school.rules import LEVEL_NAMES, Level
from reports.questions.rules import Week
from reports.tallies.rules import GRADES

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class View:
    """A view; everything of it stands in the address, so that it can be sent."""

    week: Week
    level: Level | None
    ward: int | None
    school: int | None

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades of the level; empty for all."""
        return tuple(GRADES[self.level]) if self.level else ()

    @property
    def level_names(self) -> dict[Level, str]:
        """The levels to choose from."""
        return LEVEL_NAMES

    def arguments(self, **changed: object) -> dict[str, str]:
        """Return the view as it stands in an address, with changes."""
        chosen = {"week": self.week, "level": self.level, "ward": self.ward, "school": self.school} | changed
        return {name: str(value) for name, value in chosen.items() if value}


def read_view(arguments: Mapping[str, str], default: Week) -> View:
    """Read an address; what it does not say, or says wrongly, is the default week and everything."""
    level = arguments.get("level", "")
    return View(
        Week.parse(arguments.get("week", "")) or default,
        Level(level) if level in set(Level) else None,
        *(number_in(arguments.get(name, "")) for name in ("ward", "school")),
    )
