"""Files: Excel workbooks, CSV packages, SDMX and JSON, of what may leave and of nothing else."""

from __future__ import annotations

from reports.exports.rules.attendance import Words, workbook
from reports.exports.rules.excel import ExtractWords, extract_workbook
from reports.exports.rules.flat import csv_package, csv_table, extract_json, safe_text
from reports.exports.rules.forms import Form, write_extract
from reports.exports.rules.sdmx import sdmx_csv, sdmx_json

__all__ = [
    "ExtractWords",
    "Form",
    "Words",
    "csv_package",
    "csv_table",
    "extract_json",
    "extract_workbook",
    "safe_text",
    "sdmx_csv",
    "sdmx_json",
    "workbook",
    "write_extract",
]
