"""Rules of activities: phases, what is asked, and for each kind how answers are read, marked and counted."""

from __future__ import annotations

from classroom.activities.rules.content import LETTERS, Answer, Content, Kind
from classroom.activities.rules.formulas import drawn_formulas
from classroom.activities.rules.kinds import (
    RULES,
    as_plain,
    checked,
    checked_answer,
    choice,
    for_pupils_afterwards,
    from_plain,
    has_solution,
    is_right,
    misconceptions_shown,
    points_for,
    public_tally,
    share_right,
    shown_question,
    shown_solution,
    tally,
)
from classroom.activities.rules.phases import ASKING, Move, Phase, Standing, moved

__all__ = [
    "ASKING",
    "LETTERS",
    "RULES",
    "Answer",
    "Content",
    "Kind",
    "Move",
    "Phase",
    "Standing",
    "as_plain",
    "checked",
    "checked_answer",
    "choice",
    "drawn_formulas",
    "for_pupils_afterwards",
    "from_plain",
    "has_solution",
    "is_right",
    "misconceptions_shown",
    "moved",
    "points_for",
    "public_tally",
    "share_right",
    "shown_question",
    "shown_solution",
    "tally",
]
