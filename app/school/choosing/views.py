"""The list from which somebody with many schools chooses one, the same before every page that is about one school."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for

from app import db
from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, choices_of, in_memory
from app.lists.views import answer
from app.school.queries import wards_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from app.school.models import OrgUnit


@dataclass(frozen=True, slots=True)
class Choice:
    """A school with the name of the unit above it."""

    unit: OrgUnit
    ward: str


def choose_school(title: str, endpoint: str, schools: Sequence[OrgUnit]) -> Response | str:
    """Answer with the list of these schools; each leads to `endpoint` with its `school_id`.

    `title` is what the person came for, in the reader's language.
    """
    wards = {ward.id: ward.name for ward in wards_of(db.session(), schools)}
    choices = [Choice(unit, wards.get(unit.parent_id or 0, "")) for unit in schools]
    spec = _choices_list(endpoint, choices)
    return answer("school/choose.html", spec, in_memory(spec, choices), title=title)


def _choices_list(endpoint: str, choices: Sequence[Choice]) -> ListSpec[Choice]:
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
            Column("ward", N_("Đơn vị cấp trên"), lambda row: row.ward),
        ),
        filters=(
            Filter(
                "ward",
                N_("Đơn vị cấp trên"),
                choices_of(choices, lambda row: row.ward),
                lambda row, ward: row.ward == ward,
            ),
        ),
        search_label=N_("Tìm theo tên, mã hoặc phường xã"),
        search=lambda row: f"{row.unit.name} {row.unit.code} {row.ward}",
    )
