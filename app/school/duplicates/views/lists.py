"""The lists of duplicates: of a school, between schools, and the merges so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import url_for

from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec
from app.school.duplicates.rules import LIKENESS_NAMES, AcrossSchools, Candidate, Record
from app.text import fold

if TYPE_CHECKING:
    from app.school.duplicates.queries import MergeLine

LIKENESS: Final[Filter[Candidate]] = Filter(
    "why",
    N_("Vì sao"),
    tuple((one.value, name) for one, name in LIKENESS_NAMES.items()),
    lambda row, wanted: row.likeness == wanted,
)


def candidates_list(school_id: int) -> ListSpec[Candidate]:
    """Return the list of pairs of records that may be one pupil's, at one school."""
    return ListSpec(
        name="duplicates",
        title=N_("Hồ sơ trùng"),
        columns=(
            Column(
                "name",
                N_("Họ và tên"),
                lambda row: row.first.full_name,
                order=lambda row: row.first.name_fold,
            ),
            Column("born", N_("Ngày sinh"), lambda row: row.first.birth_date, numeric=True),
            Column("first", N_("Mã của hồ sơ giữ lại"), lambda row: _code(row.first)),
            Column("other", N_("Hồ sơ gộp vào"), lambda row: row.second.full_name),
            Column("second", N_("Mã của hồ sơ gộp vào"), lambda row: _code(row.second)),
            Column("why", N_("Vì sao"), lambda row: say(LIKENESS_NAMES[row.likeness])),
        ),
        filters=(LIKENESS,),
        search_label=N_("Tìm theo tên hoặc mã"),
        search=lambda row: " ".join(
            (row.first.full_name, row.second.full_name, _code(row.first), _code(row.second))
        ),
        subject=("school", school_id),
    )


def _code(record: Record) -> str:
    return record.ministry_code or record.temporary_key or ""


def merges_list(school_id: int, *, may_open: bool) -> ListSpec[MergeLine]:
    """Return the list of a school's merges, the latest first until the reader sorts it."""
    states = (("kept", N_("Còn gộp")), ("undone", N_("Đã hoàn tác")))
    return ListSpec(
        name="merges",
        title=N_("Các lần gộp"),
        columns=(
            Column(
                "kept",
                N_("Hồ sơ giữ lại"),
                lambda row: row.kept,
                order=lambda row: fold(row.kept),
                link=lambda row: url_for("pupils.page", pupil_id=row.kept_id) if may_open else None,
            ),
            Column("gone", N_("Hồ sơ gộp vào"), lambda row: row.gone, order=lambda row: fold(row.gone)),
            Column("at", N_("Gộp lúc"), lambda row: row.merged_at, numeric=True),
            Column("by", N_("Người gộp"), lambda row: row.by or say("Dòng lệnh")),
            Column("undone", N_("Hoàn tác lúc"), lambda row: row.undone_at, numeric=True),
        ),
        filters=(
            Filter(
                "state",
                N_("Trạng thái"),
                states,
                lambda row, wanted: (row.undone_at is not None) == (wanted == "undone"),
            ),
        ),
        search_label=N_("Tìm theo tên"),
        search=lambda row: f"{row.kept} {row.gone} {row.by}",
        subject=("school", school_id),
    )


def across_list(unit_id: int) -> ListSpec[AcrossSchools]:
    """Return the list of pairs of records that two schools keep."""
    return ListSpec(
        name="duplicates",
        title=N_("Hồ sơ trùng giữa các trường"),
        columns=(
            Column(
                "name",
                N_("Họ và tên"),
                lambda row: row.pair.first.full_name,
                order=lambda row: row.pair.first.name_fold,
            ),
            Column("born", N_("Ngày sinh"), lambda row: row.pair.first.birth_date, numeric=True),
            Column(
                "first",
                N_("Hồ sơ giữ lại ở"),
                lambda row: row.first_school,
                order=lambda row: fold(row.first_school),
            ),
            Column("code", N_("Mã học sinh"), lambda row: row.pair.first.ministry_code or ""),
            Column(
                "second",
                N_("Hồ sơ gộp vào ở"),
                lambda row: row.second_school,
                order=lambda row: fold(row.second_school),
            ),
            Column("why", N_("Vì sao"), lambda row: say(LIKENESS_NAMES[row.pair.likeness])),
        ),
        filters=(
            Filter("why", LIKENESS.label, LIKENESS.choices, lambda row, wanted: row.pair.likeness == wanted),
        ),
        search_label=N_("Tìm theo tên hoặc trường"),
        search=lambda row: f"{row.pair.first.full_name} {row.first_school} {row.second_school}",
        subject=("unit", unit_id),
    )
