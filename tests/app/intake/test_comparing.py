"""What a roster would change, pupil by pupil."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from app.intake.rules.comparing import Comparison, KnownPupil, compare
from app.intake.rules.preview import (
    fingerprint,
    from_json,
    phrase_from_json,
    phrase_to_json,
    preview_of,
    to_json,
)
from app.intake.rules.rows import BadRow, Ethnicity, Field, PupilRow, Roster, Sex
from app.school.rules import EnrolmentStatus
from tests.app.intake.files import AN, BINH, read, sheet

BORN: Final = date(2017, 9, 5)
ROW: Final = PupilRow("Sheet1", 2, "7501000001", "Nguyễn Văn An", BORN, Sex.MALE, "4/2", 4)
AN_HERE: Final = KnownPupil(1, "7501000001", "Nguyễn Văn An", BORN, "M", status="Đang học", class_name="4/2")


def roster(*rows: PupilRow, bad: tuple[BadRow, ...] = ()) -> Roster:
    return Roster(tuple(replace(row, row=number) for number, row in enumerate(rows, 2)), bad)


def numbers(comparison: Comparison) -> tuple[int, ...]:
    """New, updated, unchanged, moved, left, missing, bad."""
    return (*comparison.numbers().values(), len(comparison.bad))


def compared(
    *rows: PupilRow, known: tuple[KnownPupil, ...] = (AN_HERE,), bad: tuple[BadRow, ...] = ()
) -> Comparison:
    return compare(roster(*rows, bad=bad), known)


def test_the_same_again_changes_nothing() -> None:
    assert numbers(compared(ROW)) == (0, 0, 1, 0, 0, 0, 0)


def test_a_new_code_is_a_new_pupil_and_an_absent_one_is_only_missing() -> None:
    assert numbers(compared(replace(ROW, code="7501000009", full_name="Lê Văn Tú"))) == (1, 0, 0, 0, 0, 1, 0)


def test_a_renamed_pupil_is_the_same_pupil() -> None:
    found = compared(replace(ROW, full_name="Nguyễn Văn An Tú", ethnicity=Ethnicity("Xtiêng")))
    assert numbers(found) == (0, 1, 0, 0, 0, 0, 0)
    assert [(change.field, change.old, change.new) for change in found.updated[0].changes] == [
        (Field.NAME, "Nguyễn Văn An", "Nguyễn Văn An Tú"),
        (Field.ETHNICITY, "", "Xtiêng"),
    ]


def test_a_move_is_no_update_and_another_spelling_of_the_class_is_no_move() -> None:
    assert numbers(compared(replace(ROW, class_name="4/3"))) == (0, 0, 0, 1, 0, 0, 0)
    assert numbers(compared(replace(ROW, class_name="4.2"))) == (0, 0, 1, 0, 0, 0, 0)


def test_what_the_file_leaves_empty_is_not_taken_away() -> None:
    known = replace(AN_HERE, ethnicity="Xtiêng", disability="Nhìn", status="Chuyển đến kỳ 1")
    assert numbers(compared(ROW, known=(known,))) == (0, 0, 1, 0, 0, 0, 0)


def test_who_is_marked_as_gone_has_left_and_is_not_missing() -> None:
    gone = replace(ROW, status=EnrolmentStatus.TRANSFERRED_TERM_1)
    assert numbers(compared(gone)) == (0, 0, 0, 0, 1, 0, 0)
    assert numbers(compared(gone, known=())) == (0, 0, 0, 0, 0, 0, 0)
    assert numbers(compared(gone, known=(replace(AN_HERE, here=False),))) == (0, 0, 0, 0, 0, 0, 0)


def test_a_code_that_arrives_late_renames_the_pupil_instead_of_doubling() -> None:
    without = replace(AN_HERE, code=None)
    found = compared(ROW, known=(without,))
    assert numbers(found) == (0, 1, 0, 0, 0, 0, 0)
    assert [change.field for change in found.updated[0].changes] == [Field.CODE]
    assert numbers(compared(replace(ROW, code=None))) == (0, 0, 1, 0, 0, 0, 0)


def test_spelling_styles_of_a_name_match_without_a_code() -> None:
    known = replace(AN_HERE, code=None, full_name="Nguyễn Thị Hoà")
    found = compared(replace(ROW, code=None, full_name="Nguyễn Thị Hòa"), known=(known,))
    assert numbers(found) == (0, 1, 0, 0, 0, 0, 0)


def test_two_who_fit_are_no_guess() -> None:
    twins = (replace(AN_HERE, code=None), replace(AN_HERE, id=2, code=None))
    found = compared(replace(ROW, code=None), known=twins)
    assert numbers(found) == (0, 0, 0, 0, 0, 0, 1)
    assert "2 học sinh trùng" in str(found.bad[0].errors[0].message)


def test_the_class_tells_namesakes_apart() -> None:
    twins = (replace(AN_HERE, code=None), replace(AN_HERE, id=2, code=None, class_name="4/3"))
    assert numbers(compared(replace(ROW, code=None), known=twins)) == (0, 0, 1, 0, 0, 1, 0)


def test_another_sex_or_birth_date_is_another_child() -> None:
    for row in (
        replace(ROW, code=None, sex=Sex.FEMALE),
        replace(ROW, code=None, birth_date=date(2017, 9, 6)),
    ):
        assert numbers(compared(row))[0] == 1


def test_a_code_of_somebody_else_altogether_is_refused() -> None:
    found = compared(replace(ROW, full_name="Lê Thị Khác", birth_date=date(2016, 1, 1)))
    assert numbers(found) == (0, 0, 0, 0, 0, 0, 1)
    assert found.bad[0].errors[0].column == "Mã học sinh"


def test_two_rows_cannot_be_one_pupil() -> None:
    found = compared(ROW, replace(ROW, code=None))
    assert numbers(found) == (0, 0, 1, 0, 0, 0, 1)


def test_a_pupil_of_another_school_is_not_taken_and_not_found_by_name() -> None:
    elsewhere = replace(AN_HERE, here=False, elsewhere=True, class_name=None)
    assert numbers(compared(ROW, known=(elsewhere,))) == (0, 0, 0, 0, 0, 0, 1)
    assert numbers(compared(replace(ROW, code=None), known=(elsewhere,))) == (1, 0, 0, 0, 0, 0, 0)


def test_who_comes_back_is_enrolled_anew_as_the_same_pupil() -> None:
    found = compared(ROW, known=(replace(AN_HERE, here=False, class_name=None),))
    assert numbers(found) == (1, 0, 0, 0, 0, 0, 0)
    assert found.arrivals[0].pupil_id == 1


def test_the_pupil_of_a_bad_row_is_not_missing() -> None:
    by_code = BadRow("Sheet1", 9, (), code="7501000001")
    by_name = BadRow("Sheet1", 9, (), full_name="NGUYEN VAN AN", birth_date=BORN)
    for bad in (by_code, by_name):
        assert numbers(compared(bad=(bad,)))[5] == 0
    assert numbers(compared(bad=(BadRow("Sheet1", 9, (), full_name="Lê Thị Khác"),)))[5] == 1


def test_more_than_a_tenth_missing_is_many() -> None:
    known = tuple(replace(AN_HERE, id=number, code=f"75{number:08}") for number in range(100))
    rows = tuple(replace(ROW, code=pupil.code) for pupil in known)
    assert not compared(*rows[10:], known=known).many_are_missing
    assert compared(*rows[11:], known=known).many_are_missing
    assert not compared(ROW, known=()).many_are_missing


pupils = st.builds(
    KnownPupil,
    id=st.integers(1, 10**6),
    code=st.none() | st.from_regex(r"75[0-9]{8}", fullmatch=True),
    full_name=st.sampled_from(["Nguyễn Văn An", "Trần Thị Bình", "Thị Srơ", "Điểu Lên"]),
    birth_date=st.dates(date(2016, 1, 1), date(2016, 3, 1)),
    sex=st.sampled_from(["M", "F"]),
    class_name=st.sampled_from(["4/1", "4/2"]),
)


def as_row(pupil: KnownPupil) -> PupilRow:
    assert pupil.birth_date is not None
    return PupilRow(
        "S",
        pupil.id,
        pupil.code,
        pupil.full_name,
        pupil.birth_date,
        Sex(pupil.sex or "M"),
        pupil.class_name or "",
    )


@given(st.lists(pupils, max_size=12, unique_by=(lambda p: p.id, lambda p: p.code or p.id)), st.data())
def test_every_row_ends_in_one_place_and_every_enrolled_pupil_too(
    known: list[KnownPupil], data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(known), unique_by=lambda pupil: pupil.id)) if known else []
    found = compared(*map(as_row, chosen), known=tuple(known))
    places = [*found.arrivals, *found.kept, *found.marked, *found.bad]
    assert len(places) == len(chosen)
    assert len({kept.pupil_id for kept in found.kept}) == len(found.kept)
    assert {kept.pupil_id for kept in found.kept}.isdisjoint(leaver.pupil.id for leaver in found.missing)
    if all(pupil.code for pupil in known):
        assert numbers(found)[:4] == (0, 0, len(chosen), 0)
        assert len(found.missing) == len(known) - len(chosen)


def test_a_preview_survives_storage_and_still_speaks_other_languages() -> None:
    read_rows = read(sheet(AN, (*BINH[:4], "31/02/2017", *BINH[5:])))
    preview = preview_of(read_rows, compare(read_rows, [replace(AN_HERE, full_name="Cũ")]), ["4/2"])
    stored = from_json(to_json(preview))
    assert stored == preview
    assert fingerprint(stored) == fingerprint(preview)
    assert stored.bad[0].remarks[0].message.msgid.startswith("Không có ngày “%(value)s”")
    assert (
        phrase_from_json(phrase_to_json(stored.bad[0].remarks[0].message)) == stored.bad[0].remarks[0].message
    )
    assert [(line.name, line.updated, line.is_new) for line in preview.classes] == [("4/2", 1, False)]


def test_the_fingerprint_is_of_what_would_be_written() -> None:
    one: dict[str, Any] = {"known": ()}
    shown = [
        preview_of(roster(row), compared(row, **one), [])
        for row in (ROW, ROW, replace(ROW, full_name="Lê Văn Tú"))
    ]
    assert fingerprint(shown[0]) == fingerprint(shown[1]) != fingerprint(shown[2])
