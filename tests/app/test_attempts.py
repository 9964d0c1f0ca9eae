"""Refused attempts leave a line each, with who and where, and nothing that was typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from app.access import Role
from app.attempts import Attempt, note_refused
from tests.app.accounts.test_views import clerk_id, sign_in

if TYPE_CHECKING:
    import pytest

    from tests.world import World

__all__ = ["clerk_id"]


def _told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(one.message) for one in caplog.records if one.name == "bangxanh.refused"]


def test_what_was_refused_is_written_down(
    world: World, clerk_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    typed = "lỡ gõ mật khẩu vào đây"
    sign_in(world.client(), "vanthu", typed)
    sign_in(world.client(), typed, "sai sai sai sai")
    world.client(Role.PUPIL).get(f"/classes/{world.class_ids['own']}")
    world.client(Role.HOMEROOM_TEACHER).get(f"/classes/{world.class_ids['other_school']}")
    for _ in range(11):
        sign_in(world.client(), "khongco", typed)
    told = _told(caplog)
    assert told[0] == {
        "what": "sign_in", "user": clerk_id, "endpoint": "accounts.sign_in", "method": "POST", "address": "127.0.0.1",
    }  # fmt: skip
    assert told[1]["user"] is None
    assert [(one["what"], one["user"]) for one in told[2:4]] == [
        ("forbidden", world.user_ids[Role.PUPIL]),
        ("forbidden", world.user_ids[Role.HOMEROOM_TEACHER]),
    ]
    assert told[-1]["what"] == "too_often"
    assert typed not in caplog.text


def test_a_forged_form_is_written_down(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    assert world.client(Role.OFFICE_CLERK).post("/logout").status_code == 400
    assert [one["what"] for one in _told(caplog)] == ["forged_form"]


def test_nobody_forges_a_line(caplog: pytest.LogCaptureFixture) -> None:
    note_refused(Attempt.SIGN_IN, more="\r\n2026-10-05 WARNING bangxanh.refused: {}\x1b[2J")
    assert len(caplog.text.splitlines()) == 1
