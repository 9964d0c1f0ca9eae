"""The list of units whose calendar somebody may read: provinces, wards and schools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, choices_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.school.models import OrgUnit


def units_list(units: Sequence[OrgUnit]) -> ListSpec[OrgUnit]:
    """Return the list of units; each leads to its calendar."""
    return ListSpec(
        name="units",
        title=N_("Lịch năm học"),
        columns=(
            Column(
                "name",
                N_("Đơn vị"),
                lambda row: row.name,
                order=lambda row: row.name_sort,
                link=lambda row: url_for("calendar.year", unit_id=row.id),
            ),
            Column("code", N_("Mã"), lambda row: row.code),
            Column("type", N_("Loại đơn vị"), lambda row: row.type_name),
        ),
        filters=(
            Filter(
                "type",
                N_("Loại đơn vị"),
                choices_of(units, lambda row: row.type_name),
                lambda row, wanted: row.type_name == wanted,
            ),
        ),
        search_label=N_("Tìm đơn vị"),
        search=lambda row: f"{row.name} {row.code}",
    )
