"""Tallies: lines, how they are counted, and the periods for which they are."""

from __future__ import annotations

from reports.tallies.rules.counting import Tally, tally
from reports.tallies.rules.lines import (
    AGES,
    GRADES,
    LAST_GRADE,
    ClassLine,
    CohortLine,
    Entered,
    Ethnicity,
    Lines,
    Move,
    MoveLine,
    Outcome,
    Person,
    PupilLine,
    Selection,
    level_of,
)
from reports.tallies.rules.periods import Period, PeriodKind
from reports.tallies.rules.reconstructed import GradeTotals, reconstructed

__all__ = [
    "AGES",
    "GRADES",
    "LAST_GRADE",
    "ClassLine",
    "CohortLine",
    "Entered",
    "Ethnicity",
    "GradeTotals",
    "Lines",
    "Move",
    "MoveLine",
    "Outcome",
    "Period",
    "PeriodKind",
    "Person",
    "PupilLine",
    "Selection",
    "Tally",
    "level_of",
    "reconstructed",
    "tally",
]
