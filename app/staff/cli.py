"""Staff on the command line: `staff import FILE --school CODE [--apply] [--slips FILE.pdf]`."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_security.utils import hash_password

from app import db
from app.access import SYSTEM
from app.accounts.commands.slips import peek_slips, slips_pdf, take_slips
from app.accounts.rules.sealing import Sealer
from app.errors import BangXanhError
from app.intake.rules.reading import sheets_in
from app.school.queries import school_by_code
from app.staff import commands
from app.staff.models import StaffImport
from app.staff.rules.roster import Kind, from_json, people_in

if TYPE_CHECKING:
    from app.staff.rules.roster import Person


@click.group("staff")
def staff_cli() -> None:
    """Nhân sự."""


@staff_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--school", "school_code", required=True, help="Mã trường.")
@click.option("--apply", "apply", is_flag=True, help="Ghi vào hệ thống. Không có cờ này thì chỉ xem trước.")
@click.option("--slips", type=click.Path(dir_okay=False, path_type=Path),
              help="Tệp PDF phiếu đăng nhập. Không có: phiếu chờ 3 ngày trên trang Tài khoản.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON ở dòng cuối.")
@with_appcontext
def import_staff(*, file: Path, school_code: str, apply: bool, slips: Path | None, as_json: bool) -> None:
    """Preview a staff roster, or make its people and their accounts with --apply; who is there already stays."""
    try:
        unit = school_by_code(db.session(), school_code)
        school_id, school = unit.id, unit.name
        people = people_in(sheets_in(file))
        db.session().rollback()
        import_id = commands.stage(SYSTEM, school_id, file.name, people, f"cli-{secrets.token_hex(16)}")
        compared = from_json(db.session().get_one(StaffImport, import_id).preview)
        made = _apply(import_id) if apply else _put_aside(import_id)
        if slips is not None and made:
            _write_slips(import_id, school, slips)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    outcome = _as_plain(compared, made, is_applied=apply)
    click.echo(json.dumps(outcome, ensure_ascii=False) if as_json else _in_words(outcome))


def _apply(import_id: int) -> int:
    commands.confirm(SYSTEM, import_id, is_queued=False)
    return commands.apply_roster(
        import_id, None, hash_password, _sealer(), lambda _done, _total, _message: None
    )


def _put_aside(import_id: int) -> int:
    commands.discard(SYSTEM, import_id)
    return 0


def _write_slips(import_id: int, school: str, path: Path) -> None:
    """Set the slips on paper, and only then forget them: a full disk costs no password."""
    slip_id = db.session().get_one(StaffImport, import_id).slips_id
    if slip_id is not None:
        address = current_app.extensions["bangxanh.settings"].public_url or ""
        path.write_bytes(slips_pdf([peek_slips(_sealer(), slip_id)], school, address))
        take_slips(_sealer(), SYSTEM, slip_id)


def _sealer() -> Sealer:
    return Sealer(current_app.config["SECRET_KEY"], "slips")


def _as_plain(people: list[Person], made: int, *, is_applied: bool) -> dict[str, Any]:
    return {
        **{kind.value: sum(one.kind is kind for one in people) for kind in Kind if kind is not Kind.BAD},
        "accounts": made,
        "errors": [
            {"row": one.row, "name": one.name, "message": one.reason}
            for one in people
            if one.kind is Kind.BAD
        ],
        "applied": is_applied,
    }


def _in_words(outcome: dict[str, Any]) -> str:
    counts = (
        f"Mới {outcome['new']} · đã có, chưa có tài khoản {outcome['no_account']} · đã đủ {outcome['known']} · "
        f"không còn làm việc {outcome['left']} · dòng lỗi {len(outcome['errors'])}"
    )
    lines = [counts]
    lines += [f"Dòng {one['row']} ({one['name']}): {one['message']}" for one in outcome["errors"]]
    lines.append(
        f"Đã ghi, {outcome['accounts']} tài khoản mới."
        if outcome["applied"]
        else "Chưa ghi gì. Thêm --apply để ghi."
    )
    return "\n".join(lines)
