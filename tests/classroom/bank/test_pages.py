"""The pages of lesson plans over HTTP."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from app import clock
from app.access import Role
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World

TEXT = "Câu 1. 1 + 1 = ?\nA. 1\n*B. 2\n\nCâu 2. Trái Đất tròn.\nĐáp án: Đúng"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.at(MORNING):
        yield


def test_a_plan_is_written_previewed_tried_and_shared(world: World) -> None:
    client = world.client(Role.TEACHER)
    preview = client.post("/plans/preview", data={"text": TEXT, "number": 2, "steps": -1})
    assert preview.text.index("Trái Đất tròn") < preview.text.index("1 + 1")
    refused = client.post("/plans", data={"op_id": "op-000001", "title": "Ôn tập", "text": "Câu 1. gì"})
    assert (refused.status_code, "dòng 1" in refused.text) == (422, True)
    made = client.post("/plans", data={"op_id": "op-000001", "title": "Ôn tập", "text": TEXT})
    page = client.get(made.location)
    assert "Ôn tập" in page.text
    tried = client.post(f"{made.location}/try", json={"number": 1, "answer": ["A"]})
    assert (tried.json or {})["share"] == 0
    shown = client.get(f"{made.location}/try").text
    assert "solution" not in shown
    client.post(f"{made.location}/share", data={"shared": "1"})
    colleague = world.client(Role.HOMEROOM_TEACHER)
    assert "1 + 1" in colleague.get(made.location).text
    copied = colleague.post(f"{made.location}/copy", data={"op_id": "op-000002"})
    assert copied.location != made.location
    listed = colleague.get("/plans").text
    assert "Ôn tập" in listed
    assert f"{clock.local(MORNING):%d/%m/%Y %H:%M}" in listed, "the school's wall clock, once"


def test_two_windows_lose_nothing_that_was_written(world: World) -> None:
    client = world.client(Role.TEACHER)
    made = client.post("/plans", data={"op_id": "op-000001", "title": "Ôn tập", "text": TEXT}).location
    other = {"title": "Ôn tập", "seen_version": "1", "text": f"{TEXT}\n\nCâu 3. Cửa sổ kia. [câu hỏi mở]"}
    own = other | {"text": f"{TEXT}\n\nCâu 3. Cửa sổ này. [câu hỏi mở]"}
    assert client.post(made, data=other | {"op_id": "op-000002"}).status_code == HTTPStatus.FOUND
    refused = client.post(made, data=own | {"op_id": "op-000003"})
    assert (refused.status_code, "Cửa sổ này." in refused.text) == (HTTPStatus.CONFLICT, True)
    assert 'name="seen_version" value="2"' in refused.text, "saving once more is the newest version"
    again = client.post(made, data=own | {"op_id": "op-000004", "seen_version": "2"})
    assert again.status_code == HTTPStatus.FOUND
    assert "Cửa sổ này." in client.get(made).text
    assert "Cửa sổ kia." in client.get(f"{made}?version=2").text


def test_a_table_of_questions_is_put_behind_the_text(world: World) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((("Câu hỏi", "A", "B", "Đáp án"), ("2 + 3 = ?", 5, 6, "A"))):
            sheet.write_row(number, 0, row)
    file.seek(0)
    shown = world.client(Role.TEACHER).post("/plans/sheet", data={"text": TEXT, "sheet": (file, "de.xlsx")})
    assert shown.status_code == HTTPStatus.OK
    assert "Câu 1. 2 + 3 = ?\nA. 5\nB. 6" in shown.text
    assert 'hx-include="#text-before"' in shown.text
    back = world.client(Role.TEACHER).post("/plans/preview?back=1", data={"text": "…", "before": TEXT}).text
    assert TEXT.splitlines()[-1] in back.rpartition("<textarea")[2], "the text is what it was before the file"
