"""What the address bar of a breakdown says: place, period, measure, by what, and which pupils."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.parameters import number_in
from app.school.rules import LEVEL_NAMES, Level
from reports.breakdowns.rules import BY_NAMES, DISABILITY_NAMES, ETHNICITY_NAMES, SEX_NAMES, By, Measure
from reports.indicators.rules import definition
from reports.tallies.rules import Ethnicity, Selection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reports.tallies.rules import Period


@dataclass(frozen=True, slots=True)
class View:
    """A view; everything of it stands in the address, so that it can be sent."""

    place: int | None
    period: Period
    measure: Measure
    by: By
    selection: Selection

    def arguments(self, **changed: object) -> dict[str, str]:
        """Return the view as it stands in an address, with changes."""
        one = self.selection
        chosen = {
            "place": self.place,
            "period": self.period.name,
            "measure": self.measure if self.measure is not Measure.ATTENDANCE else None,
            "by": self.by if self.by is not By.GRADE else None,
            "level": one.level,
            "grade": one.grade,
            "sex": one.sex,
            "ethnicity": one.ethnicity,
            "disability": None if one.is_disabled is None else "yes" if one.is_disabled else "no",
        } | changed
        return {name: str(value) for name, value in chosen.items() if value}

    @property
    def filters(self) -> list[tuple[str, Mapping[str, str], str]]:
        """The filters as (argument, {value: name}, the value chosen), besides the level and the grade."""
        now = self.arguments()
        known: dict[str, Mapping[str, str]] = {
            "sex": SEX_NAMES,
            "ethnicity": {one.value: name for one, name in ETHNICITY_NAMES.items()},
            "disability": DISABILITY_NAMES,
        }
        return [(name, names, now.get(name, "")) for name, names in known.items()]

    @property
    def level_names(self) -> dict[Level, str]:
        """The levels to choose from."""
        return LEVEL_NAMES

    @property
    def by_names(self) -> dict[By, str]:
        """The breakdowns to choose from."""
        return BY_NAMES

    @property
    def measure_names(self) -> dict[Measure, str]:
        """The measures to choose from, by the definitions of the period."""
        return {one: definition(one, self.period.first).name for one in Measure}


def read_view(arguments: Mapping[str, str], period: Period) -> View:
    """Read an address; what it does not say, or says wrongly, is everything, by grade."""

    def one_of(name: str, known: object) -> str | None:
        text = arguments.get(name, "")
        return text if text in set(known) else None  # type: ignore[call-overload]

    place, grade = arguments.get("place", ""), arguments.get("grade", "")
    disability = one_of("disability", DISABILITY_NAMES)
    level, ethnicity = one_of("level", Level), one_of("ethnicity", Ethnicity)
    return View(
        number_in(place),
        period,
        Measure(one_of("measure", Measure) or Measure.ATTENDANCE),
        By(one_of("by", By) or By.GRADE),
        Selection(
            Level(level) if level else None,
            found if (found := number_in(grade)) and found <= 12 else None,  # noqa: PLR2004 - grades
            one_of("sex", SEX_NAMES),
            Ethnicity(ethnicity) if ethnicity else None,
            None if disability is None else disability == "yes",
        ),
    )
