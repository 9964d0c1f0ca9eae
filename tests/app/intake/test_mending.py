"""What a person explains to the reader: headings of the school, old fonts; and bad rows that were mended."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.contacts.commands import switch_on
from app.contacts.rules import ContactField
from app.errors import ConflictError, InvalidError
from app.intake.commands.imports import forget_stale_imports
from app.intake.commands.mending import convert_font, forget_heading, teach_headings
from app.intake.models import HeadingAlias, RosterFile, RosterImport
from app.intake.queries import headings_of_school, reading_of
from app.intake.rules.fonts import from_legacy
from app.intake.rules.rows import AS_IT_IS, Field, Roster, UnreadableFileError
from app.school.models import Pupil
from app.text import LegacyEncoding
from tests.app.intake.files import AN, BINH, HEADINGS, read, sheet, xlsx
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.world import World

OWN = ("STT", "Mã lớp", "Mã học sinh", "Danh tánh", "Ngày sinh", "Giới tính", "Dân tộc")
VNI_HEADINGS = ("STT", "Lôùp", "Hoï vaø teân", "Ngaøy sinh", "Giôùi tính")
VNI = [(1, "4/1", "Nguyeãn Vaên AÂn", "05/09/2017", "Nam"), (2, "4/1", "Traàn Thò Bình", "17/05/2017", "Nöõ")]
TCVN3 = [(1, "4/1", "NguyÔn ThÞ ¸nh", "05/09/2017", "N÷"), (2, "4/1", "TRÇN V¡N B×NH", "17/05/2017", "Nam")]  # noqa: RUF001 - signs of the encoding
PLAIN = ("STT", "Lớp", "Họ và tên", "Ngày sinh", "Giới tính")


@pytest.fixture
def clerk(world: World) -> Iterator[FlaskClient]:
    with clock.at(MORNING):
        yield world.client(Role.OFFICE_CLERK)


def brought(clerk: FlaskClient, world: World, content: bytes, key: str = "key-12345678") -> str:
    values: dict[str, Any] = {
        "year": "2026-2027",
        "client_key": key,
        "file": (BytesIO(content), "lop-4.xlsx"),
    }
    return clerk.post(f"/schools/{world.school_ids['a']}/imports", data=values).headers["Location"]


def pupils(world: World) -> list[str]:
    with world.app.app_context():
        made = (
            select(Pupil.full_name).where(Pupil.id > max(world.pupil_ids["other_school"])).order_by(Pupil.id)
        )
        return list(db.session().scalars(made))


# ---------------------------------------------------------------------------------------------- headings


def test_a_heading_nobody_knows_is_explained_once_for_the_school(clerk: FlaskClient, world: World) -> None:
    place = brought(clerk, world, sheet(AN, BINH, headings=OWN))
    page = clerk.get(place).text
    assert "Tệp thiếu cột bắt buộc" in page
    assert "Các cột này là gì?" in page
    assert "Danh tánh" in page
    clerk.post(f"{place}/headings", data={"heading": "Danh tánh", "field": "name"})
    assert "Học sinh mới" in clerk.get(place).text
    clerk.post(f"{place}/apply", data={"leaving": "transferred"})
    assert pupils(world) == ["Nguyễn Văn An", "Trần Thị Bình"]
    again = brought(clerk, world, sheet(AN, headings=OWN), "another-key")
    assert "Không có gì để ghi" in clerk.get(again).text or "không có trong tệp" in clerk.get(again).text


def test_an_unknown_column_is_explained_on_the_preview(clerk: FlaskClient, world: World) -> None:
    content = sheet((*AN[:6], "Tày"), headings=(*HEADINGS[:6], "Thành phần"))
    place = brought(clerk, world, content)
    assert "1 cột chưa biết là gì" in clerk.get(place).text
    clerk.post(f"{place}/headings", data={"heading": ["Thành phần"], "field": ["ethnicity"]})
    page = clerk.get(place).text
    assert "cột chưa biết là gì" not in page
    assert clerk.post(f"{place}/headings", data={"heading": ["x"], "field": [""]}).status_code == 422


def test_the_page_of_headings_adds_and_removes(clerk: FlaskClient, world: World) -> None:
    url = f"/schools/{world.school_ids['a']}/headings"
    assert "Chưa có tiêu đề riêng nào" in clerk.get(url).text
    clerk.post(url, data={"heading": "Danh tánh", "field": "name"})
    assert "Danh tánh" in clerk.get(f"{url}?q=danh+tanh&order=-at").text
    assert "Danh tánh" not in clerk.get(f"{url}?field=code").text
    assert clerk.get(f"{url}?format=xlsx").data[:2] == b"PK"
    assert clerk.post(url, data={"heading": "Số CCCD", "field": "code"}).status_code == 422
    assert clerk.post(url, data={"heading": " ", "field": "code"}).status_code == 422
    with world.app.app_context():
        alias_id = db.session().scalars(select(HeadingAlias.id)).one()
    clerk.post(f"{url}/forget", data={"alias_id": alias_id})
    assert "Chưa có tiêu đề riêng nào" in clerk.get(url).text


def test_a_taught_heading_never_lets_a_personal_field_in(world: World) -> None:
    school_id = world.school_ids["a"]
    with world.app.app_context(), clock.at(MORNING):
        for heading, field in (("Số máy", Field.PHONE), ("Họ tên mẹ", Field.NAME), ("CCCD", Field.CODE)):
            with pytest.raises(InvalidError, match="dữ liệu cá nhân"):
                teach_headings(SYSTEM, school_id, {heading: field})
        switch_on(SYSTEM, school_id, ContactField.PHONE, "gọi phụ huynh")
        teach_headings(SYSTEM, school_id, {"Số máy": Field.PHONE})
        content = sheet((*AN, "0901234567"), headings=(*HEADINGS, "Số máy"))
        from app.intake.commands.imports import read_content  # noqa: PLC0415

        reading = reading_of(db.session(), school_id)
        read = read_content(content, 2026, reading)
        assert isinstance(read, Roster)
        assert read.pupils[0].contact == {ContactField.PHONE: "0901234567"}
        from app.contacts.commands import switch_off  # noqa: PLC0415

        switch_off(SYSTEM, school_id, ContactField.PHONE)
        roster = read_content(content, 2026, reading_of(db.session(), school_id))
        assert isinstance(roster, Roster)
        assert roster.pupils[0].contact == {}


def test_headings_belong_to_their_school_and_a_newer_meaning_wins(world: World) -> None:
    with world.app.app_context(), clock.at(MORNING):
        one, other = world.school_ids["a"], world.school_ids["b"]
        teach_headings(SYSTEM, one, {"Nhóm": Field.CLASS})
        teach_headings(SYSTEM, one, {"NHÓM:": Field.GRADE})
        assert [(item.heading, item.field) for item in headings_of_school(db.session(), one)] == [
            ("NHÓM:", Field.GRADE)
        ]
        assert reading_of(db.session(), other) == AS_IT_IS
        forget_heading(SYSTEM, other, headings_of_school(db.session(), one)[0].id)
        assert len(headings_of_school(db.session(), one)) == 1


# ---------------------------------------------------------------------------------------------- old fonts


@pytest.mark.parametrize(
    ("headings", "rows", "names", "encoding"),
    [
        (VNI_HEADINGS, VNI, ["Nguyễn Văn Ân", "Trần Thị Bình"], "VNI"),
        (PLAIN, VNI, ["Nguyễn Văn Ân", "Trần Thị Bình"], "VNI"),
        (PLAIN, TCVN3, ["Nguyễn Thị Ánh", "Trần Văn Bình"], "TCVN3"),
    ],
)
def test_an_old_font_is_refused_and_then_converted_with_a_preview(
    clerk: FlaskClient,
    world: World,
    headings: tuple[str, ...],
    rows: list[Any],
    names: list[str],
    encoding: str,
) -> None:
    content = sheet(*rows, headings=headings)
    with pytest.raises(UnreadableFileError, match=encoding):
        read(content)
    place = brought(clerk, world, content)
    page = clerk.get(place).text
    assert "Không dùng được tệp này" in page
    assert rows[0][2] in page
    assert names[0] in page
    assert ("chữ hoa mang dấu" in page) == (encoding == "TCVN3")
    clerk.post(f"{place}/convert")
    assert "đã được chuyển từ bảng mã" in clerk.get(place).text
    assert pupils(world) == []
    clerk.post(f"{place}/apply", data={"leaving": "transferred"})
    assert pupils(world) == names


def test_a_file_that_needs_no_conversion_gets_none(clerk: FlaskClient, world: World) -> None:
    place = brought(clerk, world, sheet(AN))
    assert clerk.post(f"{place}/convert").status_code == 409
    with world.app.app_context(), pytest.raises(ConflictError):
        convert_font(SYSTEM, int(place.rsplit("/", 1)[1]))


def test_the_command_line_converts_on_demand(world: World, tmp_path: Path) -> None:
    file = tmp_path / "vni.xlsx"
    file.write_bytes(sheet(*VNI, headings=VNI_HEADINGS))
    with clock.at(MORNING):
        runner = world.app.test_cli_runner()
        asked = ["roster", "import", str(file), "--school", "THA", "--year", "2026-2027", "--apply"]
        assert runner.invoke(args=asked).exit_code != 0
        assert pupils(world) == []
        done = runner.invoke(args=[*asked, "--convert-font"])
        assert done.exit_code == 0, done.output
        assert pupils(world) == ["Nguyễn Văn Ân", "Trần Thị Bình"]
        number = done.output.rsplit("roster undo ", 1)[1].split()[0]
        assert runner.invoke(args=["roster", "undo", number]).exit_code == 0
        assert pupils(world) == []
        assert runner.invoke(args=["roster", "undo", "999"]).exit_code != 0


def test_a_file_that_waits_for_a_remedy_is_forgotten_after_two_weeks(
    clerk: FlaskClient, world: World
) -> None:
    from datetime import timedelta  # noqa: PLC0415

    place = brought(clerk, world, sheet(*VNI, headings=VNI_HEADINGS))
    import_id = int(place.rsplit("/", 1)[1])
    with world.app.app_context():
        assert db.session().get(RosterFile, import_id) is not None
        with clock.at(MORNING + timedelta(days=20)):
            forget_stale_imports()
        db.session().expire_all()
        assert db.session().get(RosterFile, import_id) is None
        assert db.session().get_one(RosterImport, import_id).remedy is None


LETTERS = st.sampled_from(
    ["Nguyễn Văn Ân", "Lê Thị Ước", "Đặng Quỳnh Như", "Võ Ỷ Lan", "Phạm Dũng Kỵ", "Hồ Đỗ Ẩn", "Bùi Thị Ẵm"]
)
VNI_MARKS = {"á": "aù", "à": "aø", "ả": "aû", "ã": "aõ", "ạ": "aï"}


@given(LETTERS)
def test_text_that_is_unicode_already_is_left_alone(name: str) -> None:
    for encoding in (LegacyEncoding.VNI, LegacyEncoding.TCVN3):
        assert from_legacy(name, encoding) == name


@pytest.mark.parametrize(
    ("encoding", "before", "after"),
    [
        (LegacyEncoding.VNI, "ÑAËNG THÒ ÖÔÙC", "ĐẶNG THỊ ƯỚC"),
        (LegacyEncoding.VNI, "Leâ Hoaøng Phöông Uyeân", "Lê Hoàng Phương Uyên"),
        (LegacyEncoding.VNI, "Voõ Thò Myõ Kyø Yù", "Võ Thị Mỹ Kỳ Ý"),
        (LegacyEncoding.TCVN3, "Lª Hoµng Ph\u00ad¬ng Uyªn", "Lê Hoàng Phương Uyên"),
        (LegacyEncoding.TCVN3, "§Æng ThÞ \u00adíc", "Đặng Thị Ước"),
        (LegacyEncoding.TCVN3, "4/1", "4/1"),
    ],
)
def test_conversion(encoding: LegacyEncoding, before: str, after: str) -> None:
    assert from_legacy(before, encoding) == after


# ---------------------------------------------------------------------------------------------- bad rows, mended


def test_bad_rows_mended_in_their_own_file_are_imported(clerk: FlaskClient, world: World) -> None:
    """The class stands in a row above, the code is a number: what is not mended must come back as it was."""
    rows = [
        ["LỚP 4/1"],
        ["STT", "Họ và tên", "Ngày sinh", "Nữ", "Mã học sinh"],
        [1, "Nguyễn Văn An", "05/09/2016", "", 7501000001],
        [2, "=1+1 Tú", "31/02/2016", "x", 102030405],
        ["LỚP 4/2"],
        [1, "Trần Thị Bình", "17/05/2016", "maybe", ""],
    ]
    place = brought(clerk, world, xlsx({"Trường": rows}))
    clerk.post(f"{place}/apply", data={"leaving": "transferred"})
    book = openpyxl.load_workbook(BytesIO(clerk.get(f"{place}/bad-rows.xlsx").data))
    page = book.active
    assert page is not None
    columns = {str(cell.value): number for number, cell in enumerate(page[1], 1)}
    page.cell(2, columns["Ngày sinh"]).value = "28/02/2016"
    page.cell(3, columns["Giới tính"]).value = "Nữ"
    mended = BytesIO()
    book.save(mended)
    again = brought(clerk, world, mended.getvalue(), "another-key")
    assert "Dòng lỗi" not in clerk.get(again).text
    clerk.post(f"{again}/apply", data={"leaving": "transferred"})
    with world.app.app_context():
        found = db.session().execute(
            select(Pupil.full_name, Pupil.sex, Pupil.ministry_code)
            .where(Pupil.id > max(world.pupil_ids["other_school"]))
            .order_by(Pupil.id)
        )
        assert [tuple(row) for row in found] == [
            ("Nguyễn Văn An", "M", "7501000001"),
            ("=1+1 Tú", "F", "0102030405"),
            ("Trần Thị Bình", "F", None),
        ]


def test_the_import_centre_shows_who_when_and_leads_to_undo_and_bad_rows(
    clerk: FlaskClient, world: World
) -> None:
    place = brought(clerk, world, sheet(AN, (9, "4/1", "75999", "Tú", "31/02/2017", "Nam", "")))
    clerk.post(f"{place}/apply", data={"leaving": "transferred"})
    history = clerk.get(f"/schools/{world.school_ids['a']}/imports").text
    for shown in ("lop-4.xlsx", "1 mới", "Trần Thị office_clerk", f"{place}/bad-rows.xlsx", f"{place}#undo"):
        assert shown in history
    assert "Hoàn tác lần nhập này" in clerk.get(place).text
    done = clerk.post(f"{place}/undo", follow_redirects=True).text
    assert "Đã hoàn tác lần nhập này" in done
    assert "Lần nhập này đã được hoàn tác" in done
    assert f"{place}#undo" not in clerk.get(f"/schools/{world.school_ids['a']}/imports").text
    assert pupils(world) == []


def test_an_undo_that_is_refused_says_why(clerk: FlaskClient, world: World) -> None:
    first = brought(clerk, world, sheet(AN))
    clerk.post(f"{first}/apply", data={"leaving": "transferred"})
    second = brought(clerk, world, sheet((*AN[:3], "Nguyễn Văn Ân", *AN[4:])), "another-key")
    clerk.post(f"{second}/apply", data={"leaving": "transferred"})
    refused = clerk.post(f"{first}/undo")
    assert refused.status_code == 409
    assert "Hãy hoàn tác lần đó trước" in refused.text
    assert pupils(world) == ["Nguyễn Văn Ân"]
