"""Reading enrolment: a pupil's history, the steps that made it, and who waits to be taken in.

A school that a pupil has left still finds the pupil, and shows the pupil's time there; the school where the pupil is
sees the whole history.
"""

from __future__ import annotations

from app.school.enrolment.queries.histories import (
    class_place,
    frame_of,
    histories_of,
    history_of,
    last_place,
    year_after,
    year_frames,
)
from app.school.enrolment.queries.known import (
    class_members_known,
)
from app.school.enrolment.queries.offers import (
    Offer,
    count_offers,
    offers_to,
    other_schools,
    still_waits,
)
from app.school.enrolment.queries.periods import (
    ChangeLine,
    ClassPeriod,
    SchoolPeriod,
    changes_of,
    periods_of,
)
from app.school.enrolment.queries.reach import (
    change_for,
    keeping_school,
    keeping_schools,
    kept_pupil_for,
    known_pupil_for,
    may_keep,
    offer_for,
    visible_schools,
)

__all__ = [
    "ChangeLine",
    "ClassPeriod",
    "Offer",
    "SchoolPeriod",
    "change_for",
    "changes_of",
    "class_members_known",
    "class_place",
    "count_offers",
    "frame_of",
    "histories_of",
    "history_of",
    "keeping_school",
    "keeping_schools",
    "kept_pupil_for",
    "known_pupil_for",
    "last_place",
    "may_keep",
    "offer_for",
    "offers_to",
    "other_schools",
    "periods_of",
    "still_waits",
    "visible_schools",
    "year_after",
    "year_frames",
]
