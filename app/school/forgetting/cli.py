"""Forgetting on the command line: `flask --app wsgi pupil forget ID --reason WHY [--yes]`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app import db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.forgetting import Fate, Leaving, traces
from app.school.forgetting import commands
from app.school.models import Pupil

FATES = {Fate.GONE: "xóa hẳn", Fate.EMPTIED: "xóa phần nhận ra em", Fate.STAYS: "giữ số đếm"}


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
    session = db.session()
    try:
        if commands.is_forgotten(session, pupil_id):
            click.echo(
                "Em này đã được xóa dữ liệu trước đó. Với --yes, tệp dữ liệu được dọn lại một lần nữa."
            )
        else:
            _preview(commands.leaving(session, pupil_id), session.get_one(Pupil, pupil_id).full_name)
        if not yes:
            click.echo("Chưa xóa gì. Thêm --yes để xóa hẳn; không lấy lại được.")
            return
        commands.forget_pupil(SYSTEM, pupil_id, reason)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo("Đã xóa. Các bản sao lưu cũ còn giữ dữ liệu của em cho đến khi hết hạn.")


def _preview(who: Leaving, name: str) -> None:
    click.echo(f"{name} (số {who.pupil_id})")
    for trace in traces():
        if count := trace.count(db.session(), who):
            click.echo(f"{FATES[trace.fate]:22} {count:6}  {', '.join(trace.tables)}")
