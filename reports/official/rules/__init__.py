"""The official periods, what their form counts, and what of it may leave."""

from __future__ import annotations

from reports.official.rules.dataset import FORM_DATASET, FORM_SCHEMA, read_form_rows, rows_of_form
from reports.official.rules.form import (
    COLUMN_NAMES,
    GROUPS,
    Column,
    Form,
    FormLine,
    form_of,
    grades_that_differ,
    read_form,
    sum_of_forms,
)
from reports.official.rules.gaps import Gaps
from reports.official.rules.periods import OCCASION_NAMES, Occasion, OfficialPeriod, official_period
from reports.official.rules.workbook import form_workbook, told_of_form

__all__ = [
    "COLUMN_NAMES",
    "FORM_DATASET",
    "FORM_SCHEMA",
    "GROUPS",
    "OCCASION_NAMES",
    "Column",
    "Form",
    "FormLine",
    "Gaps",
    "Occasion",
    "OfficialPeriod",
    "form_of",
    "form_workbook",
    "grades_that_differ",
    "official_period",
    "read_form",
    "read_form_rows",
    "rows_of_form",
    "sum_of_forms",
    "told_of_form",
]
