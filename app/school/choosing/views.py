"""The list of schools, declared once: from which somebody with many chooses one, and which says how large each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app import db
from app.http import translate
from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, choices_of, in_memory
from app.lists.views import answer
from app.school.queries import school_lines
from app.school.rules import LEVEL_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from app.school.models import OrgUnit
    from app.school.queries import SchoolLine


def choose_school(title: str, endpoint: str, schools: Sequence[OrgUnit]) -> Response | str:
    """Answer with the list of these schools; each leads to `endpoint` with its `school_id`.

    `title` is what the person came for, in the reader's language.
    """
    lines = school_lines(db.session(), schools)
    spec = schools_list(endpoint, lines)
    return answer("school/choose.html", spec, in_memory(spec, lines), title=title)


def schools_list(
    endpoint: str, lines: Sequence[SchoolLine], *more: Column[SchoolLine]
) -> ListSpec[SchoolLine]:
    """Return the list of schools, each leading to `endpoint`; `more` are the columns that only some pages have."""
    return ListSpec(
        name="schools",
        title=N_("Danh sách trường"),
        columns=(
            Column(
                "name",
                N_("Trường"),
                lambda row: row.unit.name,
                order=lambda row: row.unit.name_sort,
                link=lambda row: url_for(endpoint, school_id=row.unit.id),
            ),
            Column("code", N_("Mã trường"), lambda row: row.unit.code),
            Column("ward", N_("Đơn vị cấp trên"), lambda row: row.parent, order=lambda row: row.parent_sort),
            Column("levels", N_("Cấp học"), lambda row: level_words(row.levels)),
            *more,
        ),
        filters=(
            Filter(
                "ward",
                N_("Đơn vị cấp trên"),
                choices_of(lines, lambda row: row.parent),
                lambda row, ward: row.parent == ward,
            ),
            Filter(
                "level",
                N_("Cấp học"),
                tuple((level.value, name) for level, name in LEVEL_NAMES.items()),
                lambda row, level: level in row.levels,
            ),
        ),
        search_label=N_("Tìm theo tên, mã hoặc phường xã"),
        search=lambda row: f"{row.unit.name} {row.unit.code} {row.parent}",
    )


def level_words(levels: str) -> str:
    """Return a school's levels in words: "12" is "Tiểu học, THCS"."""
    return ", ".join(translate(name) for level, name in LEVEL_NAMES.items() if level in levels)
