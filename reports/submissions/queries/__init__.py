"""Reading submissions: where reports stand, what waits, which registers are missing."""

from __future__ import annotations

from reports.submissions.queries.missing import MissingRegisters, missing_registers
from reports.submissions.queries.overview import (
    Waiting,
    WaitingSchool,
    WardLine,
    lines_of_wards,
    waiting_reports,
)
from reports.submissions.queries.standing import (
    Standing,
    events_of,
    findings_against,
    reminders_of,
    reports_of,
    standings,
    submission_of,
)

__all__ = [
    "MissingRegisters",
    "Standing",
    "Waiting",
    "WaitingSchool",
    "WardLine",
    "events_of",
    "findings_against",
    "lines_of_wards",
    "missing_registers",
    "reminders_of",
    "reports_of",
    "standings",
    "submission_of",
    "waiting_reports",
]
