"""The school's slices as features; the kernel's feature list takes them in."""

from __future__ import annotations

from app.school.feature.frame import BELLS, CALENDAR, ORGANISATION, SETUP
from app.school.feature.people import DUPLICATES, ENROLMENT, FORGETTING, PUPIL_CARDS, PUPILS, ROLLOVER
from app.school.feature.teaching import CLASSES, GROUPS, SEATING, SUBSTITUTIONS, TIMETABLES

FEATURES = (
    ORGANISATION,
    CALENDAR,
    BELLS,
    TIMETABLES,
    SUBSTITUTIONS,
    ENROLMENT,
    PUPILS,
    ROLLOVER,
    DUPLICATES,
    CLASSES,
    SEATING,
    GROUPS,
    FORGETTING,
    SETUP,
    PUPIL_CARDS,
)
