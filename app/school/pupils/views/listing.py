"""The list of a school's pupils of a year; the database searches, filters, sorts and pages it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app import clock, db
from app.http import translate
from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec
from app.school.pupils import queries
from app.school.pupils.rules import SEX_NAMES, STANDING_NAMES, Asked, PupilRow, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.lists.rules import Slice, Wanted
    from app.school.models import SchoolClass, SchoolYear


def pupils_list(school_id: int, classes: Sequence[SchoolClass]) -> ListSpec[PupilRow]:
    """Return the list as it is shown; the database searches, filters, sorts and pages it."""
    grades = sorted({row.grade for row in classes})
    return ListSpec(
        name="pupils",
        title=N_("Danh sách học sinh"),
        columns=(
            Column(
                "name",
                N_("Họ và tên"),
                lambda row: row.full_name,
                link=lambda row: url_for("pupils.page", pupil_id=row.pupil_id),
            ),
            Column("born", N_("Ngày sinh"), lambda row: row.birth_date, numeric=True),
            Column("sex", N_("Giới tính"), lambda row: translate(SEX_NAMES.get(row.sex or "", ""))),
            Column("class", N_("Lớp"), lambda row: row.class_name),
            Column("code", N_("Mã học sinh"), lambda row: row.code, numeric=True),
            Column("status", N_("Trạng thái"), lambda row: say(row.status), sortable=False),
            Column("left", N_("Đến ngày"), lambda row: row.ends_on, numeric=True),
        ),
        filters=(
            Filter("grade", N_("Khối"), tuple((str(one), str(one)) for one in grades)),
            Filter("class_id", N_("Lớp"), tuple((str(one.id), one.name) for one in classes)),
            Filter(
                "standing",
                N_("Trạng thái"),
                tuple((one.value, STANDING_NAMES[one]) for one in (Standing.GONE, Standing.ALL)),
                unchosen=STANDING_NAMES[Standing.STUDYING],
            ),
        ),
        search_label=N_("Tìm theo tên, mã, ngày sinh"),
        numbered=True,
        subject=("school", school_id),
    )


def pupils_in(school_id: int, year: SchoolYear) -> Callable[[Wanted], Slice[PupilRow]]:
    """Return the source of the list: a year's pupils of a school as they are today."""

    def answer(wanted: Wanted) -> Slice[PupilRow]:
        return queries.pupils_of_school(
            db.session(), school_id, year.id, clock.today(), _asked(wanted), wanted
        )

    return answer


def _asked(wanted: Wanted) -> Asked:
    chosen = wanted.chosen
    return Asked(
        text=wanted.text,
        class_id=_number(chosen["class_id"]),
        grade=_number(chosen["grade"]),
        standing=Standing(chosen["standing"]) if chosen["standing"] else Standing.STUDYING,
    )


def _number(chosen: str) -> int | None:
    return int(chosen) if chosen else None
