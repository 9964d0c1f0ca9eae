"""The list of pupils whom other schools have transferred here and who wait to be taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, choices_of
from app.text import sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.school.enrolment.queries import Offer


def arrivals_list(school_id: int, offers: Sequence[Offer]) -> ListSpec[Offer]:
    """Return the list as it is shown, by given name until the reader sorts it."""
    return ListSpec(
        name="arrivals",
        title=N_("Chờ tiếp nhận"),
        columns=(
            Column(
                "name", N_("Họ và tên"), lambda row: row.full_name, order=lambda row: sort_key(row.full_name)
            ),
            Column("born", N_("Ngày sinh"), lambda row: row.birth_date, numeric=True),
            Column("from", N_("Trường cũ"), lambda row: row.from_school),
            Column("class", N_("Lớp cũ"), lambda row: row.class_name or ""),
            Column("day", N_("Rời trường cũ"), lambda row: row.day, numeric=True),
        ),
        filters=(
            Filter(
                "school",
                N_("Trường cũ"),
                choices_of(offers, lambda row: row.from_school),
                lambda row, wanted: row.from_school == wanted,
            ),
        ),
        search_label=N_("Tìm theo tên hoặc trường"),
        search=lambda row: f"{row.full_name} {row.from_school}",
        subject=("school", school_id),
    )
