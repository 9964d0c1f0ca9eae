"""The lists of who may see what: classes to ask about, and the grants that reach one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import url_for

from app.accounts.rules import ROLE_NAMES
from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec, choices_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.accounts.models import User
    from app.accounts.queries.access import GrantLine
    from app.school.models import SchoolClass

STATES: Final = {"now": N_("Đang có"), "later": N_("Sắp tới"), "over": N_("Đã hết")}
STATE_TONES: Final = {"now": "good", "later": "info"}


def classes_list(classes: Sequence[SchoolClass]) -> ListSpec[SchoolClass]:
    """Return the list of classes for which somebody may look at who sees them."""
    return ListSpec(
        name="classes",
        title=N_("Ai xem được lớp nào"),
        columns=(
            Column(
                "name",
                N_("Lớp"),
                lambda row: row.name,
                order=lambda row: row.name_sort,
                link=lambda row: url_for("accounts.class_access", class_id=row.id),
            ),
            Column("grade", N_("Khối"), lambda row: row.grade, numeric=True),
        ),
        filters=(
            Filter(
                "grade",
                N_("Khối"),
                choices_of(classes, lambda row: str(row.grade)),
                lambda row, wanted: str(row.grade) == wanted,
            ),
        ),
        search_label=N_("Tìm lớp"),
        search=lambda row: row.name,
        page_size=100,
    )


def grants_list(school_class: SchoolClass, today: date, *, may_open: bool) -> ListSpec[GrantLine]:
    """Return the list of the grants that let somebody see a class, those of today first until the reader sorts it."""
    return ListSpec(
        name="grants",
        title=N_("Ai được xem lớp"),
        columns=(
            Column(
                "name",
                N_("Họ và tên"),
                lambda row: row.full_name,
                link=lambda row: url_for("accounts.person", user_id=row.user_id) if may_open else None,
            ),
            Column("role", N_("Vai trò"), lambda row: say(ROLE_NAMES[row.role])),
            Column("scope", N_("Phạm vi"), _scope),
            *_dated_columns(today),
        ),
        filters=_grant_filters(today),
        search_label=N_("Tìm theo tên, người cấp, lý do"),
        search=lambda row: f"{row.full_name} {row.username} {row.given_by or ''} {row.grant.reason or ''}",
        page_size=100,
        subject=("class", school_class.id),
    )


def person_grants_list(user: User, today: date) -> ListSpec[GrantLine]:
    """Return the list of what a person was ever granted, the latest first until the reader sorts it."""
    return ListSpec(
        name="grants",
        title=say("Vai trò của %(name)s", name=user.full_name),
        columns=(
            Column("role", N_("Vai trò"), lambda row: say(ROLE_NAMES[row.role])),
            Column("scope", N_("Phạm vi"), _scope),
            *_dated_columns(today),
        ),
        filters=(_state_filter(today),),
        search_label=N_("Tìm theo phạm vi, người cấp, lý do"),
        search=lambda row: " ".join(
            part or "" for part in (row.unit, row.class_name, row.pupil, row.given_by, row.grant.reason)
        ),
        subject=("user", user.id),
    )


def _dated_columns(today: date) -> tuple[Column[GrantLine], ...]:
    """Return what every list of grants says: from when to when, by whom, why, and whether it holds."""
    return (
        Column("from", N_("Từ ngày"), lambda row: row.grant.starts_on, numeric=True),
        Column("to", N_("Đến hết ngày"), lambda row: row.last_day or say("không hạn"), order=_last),
        Column("by", N_("Người cấp"), lambda row: row.given_by or say("Hệ thống")),
        Column("reason", N_("Lý do"), lambda row: row.grant.reason or say("không ghi")),
        Column(
            "state",
            N_("Trạng thái"),
            lambda row: say(STATES[row.state(today)]),
            tone=lambda row: STATE_TONES.get(row.state(today)),
        ),
    )


def _state_filter(today: date) -> Filter[GrantLine]:
    return Filter(
        "state", N_("Trạng thái"), tuple(STATES.items()), lambda row, wanted: row.state(today) == wanted
    )


def _grant_filters(today: date) -> tuple[Filter[GrantLine], ...]:
    return (
        _state_filter(today),
        Filter(
            "scope",
            N_("Phạm vi"),
            (("class", N_("Cả lớp")), ("pupil", N_("Chỉ một học sinh"))),
            lambda row, wanted: bool(row.pupil) == (wanted == "pupil"),
        ),
        Filter(
            "role",
            N_("Vai trò"),
            tuple((role.value, name) for role, name in ROLE_NAMES.items()),
            lambda row, wanted: row.role == wanted,
        ),
    )


def _scope(row: GrantLine) -> str:
    if row.pupil:
        return say("Học sinh %(name)s", name=row.pupil)
    if row.class_name:
        return say("Lớp %(name)s", name=row.class_name)
    return say("Toàn đơn vị %(name)s", name=row.unit)


def _last(row: GrantLine) -> date | None:
    return row.last_day
