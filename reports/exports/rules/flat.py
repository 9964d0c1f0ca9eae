"""JSON and CSV of an extract, and the CSV as a Frictionless data package (https://datapackage.org, version 1).

Every row of the extract is in the file: nothing is cut. Cells of text are safe to open in a spreadsheet.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reports.extracts.rules import Extract

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for a formula (OWASP, CSV injection)."""
_TEXT: Final = ("place_kind", "place", "place_name", "class", "level", "indicator", "unit", "status")
_WHOLE: Final = ("version", "schools_counted", "schools", "numerator", "denominator")
_NUMBER: Final = ("value", "coverage")
COLUMNS: Final = (
    "place_kind", "place", "place_name", "class", "level", "period", "indicator", "version", "unit", "status",
    "numerator", "denominator", "value", "coverage", "schools_counted", "schools",
)  # fmt: skip
_DEFINITION_COLUMNS: Final = (
    "indicator",
    "version",
    "name",
    "explanation",
    "source",
    "family",
    "valid_from",
    "valid_to",
)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def extract_json(extract: Extract) -> bytes:
    """Return the extract as JSON with its digest; the same extract gives the same bytes."""
    content = extract.as_json() | {"sha256": extract.digest}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before it where it would."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_table(extract: Extract) -> bytes:
    """Return the rows as CSV (RFC 4180, UTF-8); what is withheld has empty numbers."""
    rows = (row.as_json() | {"period": extract.period.name} for row in extract.rows)
    return _csv(COLUMNS, ([_cell(row.get(column)) for column in COLUMNS] for row in rows))


def csv_package(extract: Extract) -> bytes:
    """Return a zip with datapackage.json, the figures and the definitions they go by."""
    files = {"figures.csv": csv_table(extract), "definitions.csv": _definitions(extract)}
    descriptor = json.dumps(_descriptor(extract, files), ensure_ascii=False, indent=2) + "\n"
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {"datapackage.json": descriptor.encode(), **files}.items():
            package.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return output.getvalue()


def _definitions(extract: Extract) -> bytes:
    return _csv(
        _DEFINITION_COLUMNS,
        (
            [
                one.code,
                one.version,
                safe_text(one.name),
                safe_text(one.explanation),
                safe_text(one.source),
                one.family.value,
                one.valid_from.isoformat(),
                one.valid_to.isoformat() if one.valid_to else None,
            ]
            for one in extract.definitions
        ),
    )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return output.getvalue().encode()


def _cell(value: object) -> object:
    return safe_text(value) if isinstance(value, str) else value


def _descriptor(extract: Extract, files: dict[str, bytes]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": f"bangxanh-{extract.period.name}",
        "title": f"{extract.place.name}, {extract.period.name}",
        "description": (
            f"Figures of {extract.place.code} as of {extract.as_of.isoformat()}. A row whose status is withheld has no "
            "numbers; others are complete. Texts that a spreadsheet would take for a formula begin with an apostrophe."
        ),
        "bangxanh_sha256": extract.digest,
        "resources": [
            _resource("figures", files["figures.csv"], [_field(name) for name in COLUMNS]),
            _resource(
                "definitions", files["definitions.csv"], [_field(name) for name in _DEFINITION_COLUMNS]
            ),
        ],
    }


def _resource(name: str, content: bytes, fields: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _field(name: str) -> dict[str, str]:
    if name in _WHOLE:
        return {"name": name, "type": "integer"}
    if name in _NUMBER:
        return {"name": name, "type": "number"}
    return {"name": name, "type": "date" if name.startswith("valid_") else "string"}
