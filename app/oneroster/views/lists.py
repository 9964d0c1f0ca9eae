"""The list of the programs that a school let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import clock
from app.http import translate
from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec
from app.oneroster.rules.clients import CORE, DEMOGRAPHICS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from app.oneroster.queries.clients import ClientLine

STATES: Final = {"used": N_("Đang dùng"), "ended": N_("Hết hạn"), "revoked": N_("Đã thu hồi")}
TONES: Final = {"used": "good", "ended": "warn", "revoked": "bad"}


def clients_list(offered: Mapping[str, str], today: date) -> ListSpec[ClientLine]:
    """Return the list of a school's programs; `offered` are the names of the scopes that features add."""
    return ListSpec(
        name="clients",
        title=N_("Phần mềm được đọc danh sách"),
        columns=(
            Column("name", N_("Tên phần mềm"), lambda row: row.client.name),
            Column("id", N_("Mã phần mềm"), lambda row: row.client.client_id),
            Column("reads", N_("Được đọc"), lambda row: _reads(row, offered)),
            Column("by", N_("Người thêm"), lambda row: row.made_by or say("Hệ thống")),
            Column("at", N_("Ngày thêm"), lambda row: clock.local(row.client.made_at).date(), numeric=True),
            Column("used", N_("Dùng lần cuối"), lambda row: row.client.last_used_at, numeric=True),
            Column("until", N_("Đến trước ngày"), lambda row: row.client.expires_on, numeric=True),
            Column(
                "state",
                N_("Trạng thái"),
                lambda row: say(STATES[row.state(today)]),
                tone=lambda row: TONES[row.state(today)],
            ),
        ),
        filters=(
            Filter(
                "state",
                N_("Trạng thái"),
                tuple(STATES.items()),
                lambda row, wanted: row.state(today) == wanted,
            ),
        ),
        search_label=N_("Tìm phần mềm"),
        search=lambda row: f"{row.client.name} {row.client.client_id} {row.made_by or ''}",
    )


def _reads(row: ClientLine, offered: Mapping[str, str]) -> str:
    scopes = row.client.scopes.split()
    words = {CORE: N_("danh sách"), DEMOGRAPHICS: N_("ngày sinh, giới tính"), **offered}
    return ", ".join(translate(words[scope]) for scope in words if scope in scopes)
