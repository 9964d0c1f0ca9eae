"""Forgetting on the command line: `flask --app wsgi pupil forget ID --reason WHY [--yes]`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app import db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.school.forgetting import commands, queries
from app.school.forgetting.rules import FATE_NAMES
from app.school.models import Pupil


@click.group("pupil")
def pupil_cli() -> None:
    """Học sinh."""


@pupil_cli.command("forget")
@click.argument("pupil_id", type=int)
@click.option("--reason", required=True, help="Số, ngày của đơn yêu cầu và quyết định; không ghi tên.")
@click.option("--yes", is_flag=True, help="Làm thật. Không có thì chỉ xem trước.")
@with_appcontext
def forget(pupil_id: int, reason: str, *, yes: bool) -> None:
    """Show what would become of everything about a pupil who has left; with --yes, forget it for good."""
    try:
        if queries.forgotten(db.session(), pupil_id):
            click.echo(
                "Em này đã được xóa dữ liệu trước đó. Với --yes, tệp dữ liệu được dọn lại một lần nữa."
            )
        else:
            _preview(pupil_id)
        if not yes:
            click.echo("Chưa xóa gì. Thêm --yes để xóa hẳn; không lấy lại được.")
            return
        commands.forget_pupil(SYSTEM, pupil_id, reason)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo("Đã xóa. Các bản sao lưu cũ còn giữ dữ liệu của em cho đến khi hết hạn.")


def _preview(pupil_id: int) -> None:
    session = db.session()
    preview = queries.preview_of(session, queries.leaving(session, pupil_id))
    click.echo(f"{session.get_one(Pupil, pupil_id).full_name} (số {pupil_id})")
    for fate, lines in preview.lines.items():
        for line in lines:
            click.echo(f"{FATE_NAMES[fate]:22} {line.count:6}  {line.label}")
