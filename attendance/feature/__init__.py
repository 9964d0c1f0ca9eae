"""What attendance hands to wsgi.py; nothing else imports this."""

from __future__ import annotations

from attendance.feature.afterwards import ABSENCES, EXCUSES, MONTHS, YEARS
from attendance.feature.office import ARRIVALS, CORRECTIONS, OUTINGS, RULEBOOK
from attendance.feature.taking import DEVICES, EVIDENCE, GATES, PROGRAMS, REGISTERS

FEATURES = (
    REGISTERS,
    DEVICES,
    EVIDENCE,
    GATES,
    OUTINGS,
    ARRIVALS,
    PROGRAMS,
    CORRECTIONS,
    RULEBOOK,
    MONTHS,
    YEARS,
    EXCUSES,
    ABSENCES,
)
