"""What schools hand in, the steps that it takes, and what is checked on the way."""

from __future__ import annotations

from reports.submissions.rules.forms import FormReport
from reports.submissions.rules.months import MonthReport, due_on, findings_of
from reports.submissions.rules.periods import Period, Report, due_of, parse_period, words_of
from reports.submissions.rules.steps import (
    ACCEPT_MONTH,
    APPROVE_MONTH,
    BEFORE_APPROVAL,
    EVENT_NAMES,
    LONGEST_REASON,
    OPEN_AT_SCHOOL,
    RETURN_MONTH,
    RETURNABLE,
    STATE_NAMES,
    SUBMIT_MONTH,
    VIEW_SUBMISSIONS,
    Abilities,
    Finding,
    Flags,
    SubmissionState,
    Weight,
    days_late,
    findings_of_state,
    flags_of,
)

__all__ = [
    "ACCEPT_MONTH",
    "APPROVE_MONTH",
    "BEFORE_APPROVAL",
    "EVENT_NAMES",
    "LONGEST_REASON",
    "OPEN_AT_SCHOOL",
    "RETURNABLE",
    "RETURN_MONTH",
    "STATE_NAMES",
    "SUBMIT_MONTH",
    "VIEW_SUBMISSIONS",
    "Abilities",
    "Finding",
    "Flags",
    "FormReport",
    "MonthReport",
    "Period",
    "Report",
    "SubmissionState",
    "Weight",
    "days_late",
    "due_of",
    "due_on",
    "findings_of",
    "findings_of_state",
    "flags_of",
    "parse_period",
    "words_of",
]
