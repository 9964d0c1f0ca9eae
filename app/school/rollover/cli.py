"""The year rollover on the command line: `flask --app wsgi school rollover CODE --from 2026-2027 --to 2027-2028`."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from app import clock, db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.school.queries import unit_by_code
from app.school.rollover import commands, queries
from app.school.rollover.commands.applying import apply_rollover, confirm_rollover
from app.school.rollover.rules import DECISION_NAMES, RolloverState

if TYPE_CHECKING:
    from app.school.rollover.rules.previews import Preview


@click.command("rollover")
@click.argument("code")
@click.option("--from", "from_year", required=True, help="Năm học cũ, như 2026-2027.")
@click.option("--to", "to_year", required=True, help="Năm học mới, như 2027-2028.")
@click.option("--apply", "is_applied", is_flag=True, help="Ghi thật; không có thì chỉ xem trước.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON.")
@with_appcontext
def rollover(code: str, from_year: str, to_year: str, *, is_applied: bool, as_json: bool) -> None:
    """Propose the step of a school into a new year, and write it with --apply. A draft of the pages is gone on with."""
    try:
        preview, state = _rolled(code, (from_year, to_year), is_applied=is_applied)
    except BangXanhError as error:
        raise click.ClickException(str(error) or "Không tìm thấy trường.") from error
    told = _told(preview, state)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _in_words(told))


def _rolled(code: str, years: tuple[str, str], *, is_applied: bool) -> tuple[Preview, RolloverState]:
    """Return the preview, which is what was written when the step is applied."""
    unit = unit_by_code(db.session(), code, clock.today())
    if unit is None or unit.kind != "school":
        message = f"Không có trường mang mã {code}."
        raise click.ClickException(message)
    if not is_applied:
        return queries.preview_ahead(db.session(), unit.id, years), RolloverState.DRAFT
    rollover_id = commands.begin_rollover(SYSTEM, unit.id, years, f"cli-{secrets.token_hex(12)}")
    row = queries.rollover_by_id(db.session(), rollover_id)
    old, new = queries.years_of(db.session(), row)
    if (old.code, new.code) != years:
        message = (
            f"Trường đang có bản nháp kết chuyển {old.code} → {new.code}. Hãy ghi hoặc bỏ bản nháp đó trước."
        )
        raise click.ClickException(message)
    preview = queries.preview_of_rollover(db.session(), row)
    if not preview.acted:
        commands.discard_rollover(SYSTEM, rollover_id)
        return preview, RolloverState.DISCARDED
    confirm_rollover(SYSTEM, rollover_id, preview.fingerprint, is_queued=False)
    apply_rollover(SYSTEM, rollover_id, lambda _done, _total, _message: None)
    return preview, RolloverState.APPLIED


def _told(preview: Preview, state: RolloverState) -> dict[str, Any]:
    return {
        "applied": state is RolloverState.APPLIED,
        "pupils": {decision.value: count for decision, count in preview.totals.items()},
        "already": preview.already,
        "opened": [one.name for one in preview.opened],
        "classes": {one.name: one.size for one in preview.targets},
        "over_norm": [one.name for one in preview.targets if one.is_over],
        "undecided": [
            {"pupil": one.pupil_id, "name": one.full_name, "why": one.why}
            for one in preview.pupils
            if one.why
        ],
    }


def _in_words(told: dict[str, Any]) -> str:
    counts = [f"{name}: {told['pupils'][decision.value]}" for decision, name in DECISION_NAMES.items()]
    lines = ["; ".join(counts), "Lớp mở mới: " + (", ".join(told["opened"]) or "không")]
    if told["over_norm"]:
        lines.append("Vượt chuẩn sĩ số: " + ", ".join(told["over_norm"]))
    lines.append("Đã ghi." if told["applied"] else "Chưa ghi gì; thêm --apply để ghi.")
    return "\n".join(lines)
