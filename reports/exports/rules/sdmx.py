"""SDMX-CSV 2.0 and SDMX-JSON 2.0 of an extract (sdmx.org, technical specifications 3.0).

One dataflow, BANGXANH:INDICATORS(1.0). Dimensions: FREQ, PLACE (a unit's code; "code$class" for a class), LEVEL,
INDICATOR, TIME_PERIOD. An id of SDMX has letters, digits, _ and - only: whatever else a place has is written as "@"
and four hexadecimal digits (UTF-16), so class 4/1 of THA is "THA$4@002F1". A withheld observation has no value and
CONF_STATUS "C"; a provisional one OBS_STATUS "P".
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any, Final

from reports.exports.rules.flat import safe_text
from reports.extracts.rules import Status, rounded
from reports.tallies.rules import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reports.extracts.rules import Extract, ExtractRow
    from reports.tallies.rules import Period

AGENCY: Final = "BANGXANH"
FLOW: Final = f"{AGENCY}:INDICATORS(1.0)"
_FLOW_LINK: Final = {"rel": "dataflow", "urn": f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={FLOW}"}
DIMENSIONS: Final = ("FREQ", "PLACE", "LEVEL", "INDICATOR", "TIME_PERIOD")
ATTRIBUTES: Final = (
    "OBS_STATUS", "CONF_STATUS", "UNIT_MEASURE", "NUMERATOR", "DENOMINATOR", "COVERAGE", "VERSION", "SCHOOLS_COUNTED",
    "SCHOOLS",
)  # fmt: skip
_MESSAGE_SCHEMA: Final = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
_NOT_IN_IDS: Final = re.compile("[^A-Za-z0-9_-]")
_FREQUENCIES: Final = {PeriodKind.MONTH: "M", PeriodKind.SEMESTER: "I", PeriodKind.YEAR: "A"}
_OBS_STATUS: Final = {Status.FINAL: "A", Status.PROVISIONAL: "P", Status.WITHHELD: "Q"}
"""Codes of the SDMX code list CL_OBS_STATUS: normal, provisional, missing and suppressed."""


def sdmx_csv(extract: Extract) -> bytes:
    """Return the extract as SDMX-CSV 2.0; every observation is an information (action I)."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(["STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "OBS_VALUE", *ATTRIBUTES])
    for row in extract.rows:
        keys = (safe_text(key) for key in _key(extract.period, row))
        writer.writerow(["dataflow", FLOW, "I", *keys, rounded(row.shown), *_attributes(row)])
    return output.getvalue().encode()


def sdmx_json(extract: Extract) -> bytes:
    """Return the extract as an SDMX-JSON 2.0 data message, all observations flat."""
    keys = [_key(extract.period, row) for row in extract.rows]
    values = [list(dict.fromkeys(key[place] for key in keys)) for place in range(len(DIMENSIONS))]
    at = [{value: index for index, value in enumerate(found)} for found in values]
    observations = {
        ":".join(str(at[place][part]) for place, part in enumerate(key)): [
            rounded(row.shown),
            *_attributes(row),
        ]
        for key, row in zip(keys, extract.rows, strict=True)
    }
    message = {
        "meta": {
            "schema": _MESSAGE_SCHEMA,
            "id": extract.digest[:32],
            "test": False,
            "prepared": f"{extract.as_of.isoformat()}T00:00:00Z",
            "contentLanguages": ["vi"],
            "sender": {"id": AGENCY},
        },
        "data": {
            "structures": [_structure(extract, values)],
            "dataSets": [
                {"structure": 0, "action": "Information", "links": [_FLOW_LINK], "observations": observations}
            ],
        },
    }
    return (json.dumps(message, ensure_ascii=False) + "\n").encode()


def _key(period: Period, row: ExtractRow) -> tuple[str, ...]:
    parts = [part for part in (row.place.code, row.place.class_name) if part]
    place = "$".join(_as_id(part) for part in parts)
    return (_FREQUENCIES[period.kind], place, row.level or "_T", row.indicator.code, time_period(period))


def _as_id(text: str) -> str:
    return _NOT_IN_IDS.sub(lambda found: _escaped(found[0]), text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be")
    return "".join(f"@{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))


def time_period(period: Period) -> str:
    """Return a month as "2026-10", a longer period as a range: its first day and its length, "2026-09-05/P135D"."""
    if period.kind is PeriodKind.MONTH:
        return period.name
    return f"{period.first.isoformat()}/P{(period.after_last - period.first).days}D"


def _attributes(row: ExtractRow) -> list[Any]:
    is_withheld = row.value is None
    return [
        _OBS_STATUS[row.status],
        "C" if is_withheld else "F",
        row.indicator.unit.value,
        row.value.numerator if row.value else None,
        row.value.denominator if row.value else None,
        rounded(row.coverage),
        row.indicator.version,
        row.schools[0],
        row.schools[1],
    ]


def _structure(extract: Extract, values: list[list[str]]) -> dict[str, Any]:
    names = {row.indicator.code: row.indicator.name for row in extract.rows}
    names |= {_key(extract.period, row)[1]: row.place.class_name or row.place.name for row in extract.rows}
    return {
        "links": [_FLOW_LINK],
        "dataSets": [0],
        "dimensions": {
            "observation": [
                _component(name, found, names, place)
                for place, (name, found) in enumerate(zip(DIMENSIONS, values, strict=True))
            ]
        },
        "measures": {"observation": [{"id": "OBS_VALUE", "name": "OBS_VALUE"}]},
        "attributes": {
            "observation": [
                {"id": name, "name": name, "relationship": {"observation": {}}} for name in ATTRIBUTES
            ]
        },
    }


def _component(name: str, values: Iterable[str], names: dict[str, str], place: int) -> dict[str, Any]:
    listed = [{"id": value, "name": names.get(value, value)} for value in values]
    if name == "TIME_PERIOD":
        listed = [{"value": value} for value in values]
    return {"id": name, "name": name, "keyPosition": place, "values": listed}
