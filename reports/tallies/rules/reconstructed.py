"""UIS's reconstructed cohort: what the totals of two years by grade, and the later year's repeaters, amount to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.indicators.rules import Count
from reports.tallies.rules.counting import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class GradeTotals:
    """Pupils of a grade at a place on 30 September of a year and of the next, and how many of the latter repeat it."""

    grade: int
    listed: int = 0
    listed_next: int = 0
    repeating_next: int = 0


def reconstructed(totals: Iterable[GradeTotals], grade: int | None = None) -> Tally:
    """Return the counts of the reconstructed method for a grade, or for the place: the sums over its grades.

    A grade counts if it had pupils and the place has the grade above, in one of the two years: of a school's last
    grade the totals cannot tell who went on elsewhere. Nothing is known where no grade counts. With E pupils and R
    repeaters, promotion p(g,t) = (E(g+1,t+1) - R(g+1,t+1)) / E(g,t), repetition r(g,t) = R(g,t+1) / E(g,t), and
    drop-out is 1 - p - r (UIS, Education Indicators: Technical guidelines).
    """
    known = {one.grade: one for one in totals}
    pairs = [
        (one, known[one.grade + 1])
        for one in known.values()
        if one.listed
        and grade in {None, one.grade}
        and (above := known.get(one.grade + 1))
        and (above.listed or above.listed_next)
    ]
    if not pairs:
        return Tally({})
    return Tally(
        {
            Count.LISTED: sum(one.listed for one, _above in pairs),
            Count.LISTED_ABOVE: sum(above.listed_next for _one, above in pairs),
            Count.REPEATING_ABOVE: sum(above.repeating_next for _one, above in pairs),
            Count.REPEATING: sum(one.repeating_next for one, _above in pairs),
        }
    )
