"""What a bulletin says, in which words, on paper and in a workbook, and when it is made by itself."""

from __future__ import annotations

from reports.bulletins.rules.chart import chart_spec, spec_file
from reports.bulletins.rules.content import SCHEMA, Content, content_of, read_content
from reports.bulletins.rules.paper import told_on_paper
from reports.bulletins.rules.permissions import FILE_REPORT
from reports.bulletins.rules.schedule import Schedule, WrongScheduleError
from reports.bulletins.rules.workbook import bulletin_workbook

__all__ = [
    "FILE_REPORT",
    "SCHEMA",
    "Content",
    "Schedule",
    "WrongScheduleError",
    "bulletin_workbook",
    "chart_spec",
    "content_of",
    "read_content",
    "spec_file",
    "told_on_paper",
]
