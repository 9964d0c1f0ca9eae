"""The forms in which an extract is written, each with its media type and file ending."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from app.errors import InvalidError
from app.i18n import say
from reports.exports.rules.excel import extract_workbook
from reports.exports.rules.flat import csv_package, csv_table, extract_json
from reports.exports.rules.sdmx import sdmx_csv, sdmx_json

if TYPE_CHECKING:
    from reports.exports.rules.excel import ExtractWords
    from reports.extracts.rules import Extract


class Form(StrEnum):
    """A form of file."""

    XLSX = "xlsx"
    CSV = "csv"
    CSV_PACKAGE = "csv-package"
    JSON = "json"
    SDMX_CSV = "sdmx-csv"
    SDMX_JSON = "sdmx-json"

    @classmethod
    def of(cls, text: str) -> Form:
        """Return the form that a text names; raises InvalidError for another text."""
        if text not in set(cls):
            raise InvalidError(say("Không có dạng tệp này: %(form)s.", form=text[:20]))
        return cls(text)

    @property
    def mimetype(self) -> str:
        """The media type."""
        return _TYPES[self][0]

    @property
    def ending(self) -> str:
        """What the file's name ends with."""
        return _TYPES[self][1]


_TYPES = {
    Form.XLSX: ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    Form.CSV: ("text/csv; charset=utf-8", "csv"),
    Form.CSV_PACKAGE: ("application/zip", "zip"),
    Form.JSON: ("application/json", "json"),
    Form.SDMX_CSV: ("application/vnd.sdmx.data+csv; version=2.0.0", "sdmx.csv"),
    Form.SDMX_JSON: ("application/vnd.sdmx.data+json; version=2.0.0", "sdmx.json"),
}


def write_extract(extract: Extract, form: Form, words: ExtractWords) -> bytes:
    """Return the file; the same extract and words give the same bytes."""
    if form is Form.XLSX:
        return extract_workbook(extract, words)
    writers = {
        Form.CSV: csv_table,
        Form.CSV_PACKAGE: csv_package,
        Form.JSON: extract_json,
        Form.SDMX_CSV: sdmx_csv,
        Form.SDMX_JSON: sdmx_json,
    }
    return writers[form](extract)
