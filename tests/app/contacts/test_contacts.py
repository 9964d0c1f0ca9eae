"""Contact data: off everywhere, on with a reason, deleted when switched off, ids sealed and every view logged."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Actor, HeldGrant, Role
from app.audit.models import AuditEntry
from app.contacts.commands import read_personal_id, switch_off, switch_on, write_contacts
from app.contacts.models import ContactSwitch, PupilContact
from app.contacts.queries import contact_of_pupil
from app.contacts.rules import ContactField, contact_value, personal_id, phone
from app.errors import InvalidError, NotFoundError
from app.intake.commands.imports import Upload, import_at_once
from app.intake.rules.dating import Choice
from app.intake.rules.preview import to_json
from app.school.models import Pupil
from tests.app.intake.files import sheet
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.intake.rules.preview import Preview
    from tests.world import World

HEADINGS = (
    "Lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "SĐT liên hệ", "Họ tên cha", "Họ tên mẹ",
    "Chỗ ở hiện nay", "Số định danh cá nhân",
)  # fmt: skip
ROW = (
    "4/1", "7501000001", "Nguyễn Văn An", "05/09/2016", "Nam", 901234567, "NGUYỄN VĂN BA", "Lê Thị Tư",
    "Ấp 3", 70216000001,
)  # fmt: skip
ALL = tuple(ContactField)


@pytest.fixture
def school_id(world: World) -> Iterator[int]:
    with world.app.app_context(), clock.at(MORNING):
        yield world.school_ids["a"]


def bring(*row: object) -> Preview:
    upload = Upload("a.xlsx", sheet(row or ROW, headings=HEADINGS))
    return import_at_once(
        SYSTEM, "THA", "2026-2027", upload, Choice(), apply=True, many_confirmed=False
    ).preview


def clerk_of(school_id: int, role: Role = Role.OFFICE_CLERK, class_id: int | None = None) -> Actor:
    return Actor(0, "Văn thư", (HeldGrant(role, school_id, class_id),))


def an() -> int:
    return db.session().scalars(select(Pupil.id).where(Pupil.ministry_code == "7501000001")).one()


def test_nothing_is_read_until_it_is_switched_on(school_id: int) -> None:
    preview = bring()
    assert set(HEADINGS[5:]) == set(preview.not_imported)
    assert db.session().scalars(select(PupilContact)).all() == []
    found = contact_of_pupil(clerk_of(school_id), an(), MONDAY)
    assert (dict(found.values), found.has_personal_id) == ({}, False)


def test_what_is_on_is_imported_and_the_rest_is_not(school_id: int) -> None:
    switch_on(SYSTEM, school_id, ContactField.PHONE, "gọi phụ huynh")
    switch_on(SYSTEM, school_id, ContactField.FATHER, "liên hệ")
    preview = bring()
    assert set(preview.not_imported) == {"Họ tên mẹ", "Chỗ ở hiện nay", "Số định danh cá nhân"}
    found = contact_of_pupil(clerk_of(school_id), an(), MONDAY)
    assert dict(found.values) == {ContactField.PHONE: "0901234567", ContactField.FATHER: "Nguyễn Văn Ba"}


def test_a_personal_id_is_sealed_and_every_view_of_it_is_logged(school_id: int, world: World) -> None:
    switch_on(SYSTEM, school_id, ContactField.PERSONAL_ID, "đăng ký thi")
    bring()
    stored = db.session().scalars(select(PupilContact.value)).one()
    assert "070216000001" not in stored
    assert contact_of_pupil(clerk_of(school_id), an(), MONDAY).has_personal_id
    homeroom = clerk_of(school_id, Role.HOMEROOM_TEACHER, world.class_ids["own"])
    assert contact_of_pupil(homeroom, an(), MONDAY).has_personal_id
    with pytest.raises(NotFoundError):
        read_personal_id(homeroom, an(), MONDAY)
    assert read_personal_id(clerk_of(school_id), an(), MONDAY) == "070216000001"
    seen = (
        db.session().scalars(select(AuditEntry).where(AuditEntry.action == "contact.personal_id_seen")).all()
    )
    assert [(entry.user_name, entry.subject_id) for entry in seen] == [("Văn thư", str(an()))]
    assert all("070216000001" not in text for text in db.session().scalars(select(AuditEntry.details)))


def test_another_school_sees_nothing(school_id: int, world: World) -> None:
    switch_on(SYSTEM, school_id, ContactField.PHONE, "gọi phụ huynh")
    bring()
    for actor in (clerk_of(world.school_ids["b"]), SYSTEM):
        with pytest.raises(NotFoundError):
            contact_of_pupil(actor, an(), MONDAY)


def test_switching_off_deletes_and_is_audited(school_id: int) -> None:
    for field in ALL:
        switch_on(SYSTEM, school_id, field, "cần")
    bring()
    assert len(db.session().scalars(select(PupilContact)).all()) == 5
    assert switch_off(SYSTEM, school_id, ContactField.PHONE) == 1
    assert switch_off(SYSTEM, school_id, ContactField.PHONE) == 0
    kept = db.session().scalars(select(PupilContact.field)).all()
    assert sorted(kept) == ["address", "father", "mother", "personal_id"]
    entry = db.session().scalars(select(AuditEntry).where(AuditEntry.action == "contact.switched_off")).one()
    assert json.loads(entry.details) == {"deleted": 1, "field": "phone"}
    assert "SĐT liên hệ" in bring().not_imported


def test_a_reason_is_needed_and_twice_is_once(school_id: int) -> None:
    with pytest.raises(InvalidError):
        switch_on(SYSTEM, school_id, ContactField.PHONE, "  ")
    for _ in range(2):
        switch_on(SYSTEM, school_id, ContactField.PHONE, "gọi phụ huynh")
    assert [row.reason for row in db.session().scalars(select(ContactSwitch))] == ["gọi phụ huynh"]


def test_changed_contacts_are_told_without_their_values(school_id: int) -> None:
    for field in ALL:
        switch_on(SYSTEM, school_id, field, "cần")
    bring()
    preview = bring(*ROW[:5], "0907777777", *ROW[6:])
    assert preview.numbers["updated"] == 1
    assert [(change.name, change.old, change.new) for change in preview.updated[0].changes] == [
        ("Số điện thoại liên hệ", "•••", "•••")
    ]
    assert not any(
        secret in to_json(preview) for secret in ("0907777777", "901234567", "70216000001", "Ấp 3")
    )
    assert bring(*ROW[:5], "0907777777", *ROW[6:]).numbers["unchanged"] == 1


def test_an_unusable_value_is_told_and_the_pupil_is_imported(school_id: int) -> None:
    switch_on(SYSTEM, school_id, ContactField.PERSONAL_ID, "cần")
    switch_on(SYSTEM, school_id, ContactField.PHONE, "cần")
    preview = bring(*ROW[:5], "không có", *ROW[6:9], "7,02E+10")
    assert preview.numbers["new"] == 1
    assert [note.remarks[0].column for note in preview.notes] == ["SĐT liên hệ", "Số định danh cá nhân"]
    assert "7,02E" not in to_json(preview)


@pytest.mark.parametrize(
    ("text", "lost", "kept"),
    [("0901 234 567", False, "0901234567"), ("+84901234567", False, "0901234567"), ("901234567", True, "0901234567"),
     ("901234567", False, None), ("02713.879.123", False, "02713879123"), ("12345", True, None)],
)  # fmt: skip
def test_phones(text: str, lost: bool, kept: str | None) -> None:  # noqa: FBT001 - a table's column
    assert phone(text, lost_zero=lost) == kept


@given(st.integers(1, 96), st.integers(0, 999_999_999))
def test_a_personal_id_survives_a_spreadsheet(province: int, rest: int) -> None:
    written = f"{province:03d}{rest:09d}"
    assert personal_id(written) == written
    assert personal_id(str(int(written)), lost_zero=True) == written


@given(st.sampled_from(ALL), st.text(max_size=300))
def test_any_text_is_kept_clean_or_refused(field: ContactField, text: str) -> None:
    value = contact_value(field, text)
    assert value is None or len(value) <= 200


# ---------------------------------------------------------------------------------------------- the page


def test_the_principal_switches_and_the_clerk_only_sees(world: World) -> None:
    url = f"/schools/{world.school_ids['a']}/contact-fields"
    with clock.at(MORNING):
        principal, clerk = world.client(Role.PRINCIPAL), world.client(Role.OFFICE_CLERK)
        assert "Không mục nào đang bật" in principal.get(url).text
        assert principal.post(url, data={"field": "phone", "reason": ""}).status_code == 422
        assert clerk.post(url, data={"field": "phone", "reason": "x"}).status_code == 404
        principal.post(url, data={"field": "phone", "reason": "gọi phụ huynh khi vắng"})
        page = clerk.get(url).text
        assert "gọi phụ huynh khi vắng" in page
        assert "Trần Thị principal" in page
        assert "Tắt và xóa dữ liệu" not in page
        assert clerk.post(f"{url}/off", data={"field": "phone"}).status_code == 404
        done = principal.post(f"{url}/off", data={"field": "phone"}, follow_redirects=True)
        assert "Đã tắt và xóa dữ liệu của 0 học sinh" in done.text
        assert principal.post(f"{url}/off", data={"field": "nonsense"}).headers["Location"] == url
        assert principal.get("/contact-fields").headers["Location"] == url


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_what_a_roster_writes_while_a_kind_is_switched_off_goes_with_it(world: World, school_id: int) -> None:
    switch_on(SYSTEM, school_id, ContactField.PHONE, "Liên hệ khi các em bệnh")

    def off() -> None:
        with world.app.app_context():
            switch_off(SYSTEM, school_id, ContactField.PHONE)

    other = threading.Thread(target=off)
    with db.transaction() as session:
        write_contacts(session, school_id, {world.pupil_ids["own"][0]: {ContactField.PHONE: "0901234567"}})
        other.start()
        other.join(0.3)
    other.join(10)
    assert db.session().scalars(select(PupilContact)).all() == []
