"""`flask --app wsgi demo seed|accounts|run`: the demonstration on the command line. It refuses to run in production."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from flask_security.utils import hash_password

from app import clock, db
from app.access import SYSTEM
from app.schema.cli import migrates_itself
from config import InstallationRole, Settings
from demo.accounts import OPERATOR, PASSPHRASE, SCHOOL_GUIDES, join_hints, shown_accounts
from demo.pilot import found_hub, has_other_units, is_founded
from demo.province import seed_province
from demo.running import DemoFailedError, run_demo
from demo.seeding import finish_pilot, is_finished, keep_today_open, seed_pilot
from demo.showing import table_of_accounts
from reports.hub.commands import add_sender_key

if TYPE_CHECKING:
    from collections.abc import Callable


def _settings() -> Settings:
    found: Settings = current_app.extensions["bangxanh.settings"]
    return found


@click.group("demo")
@with_appcontext
def demo_cli() -> None:
    """Dữ liệu mẫu: mọi người trong đó đều được đặt ra."""
    if _settings().is_production:
        message = "Dữ liệu mẫu dùng mật khẩu ai cũng biết nên không chạy khi BANGXANH_ENV=production."
        raise click.ClickException(message)


@demo_cli.command("seed")
@click.option("--scale", type=click.Choice(["pilot", "province"]), default="pilot", show_default=True,
              help="pilot: một phường, bốn trường; province: 430 trường, 250.000 học sinh, một năm học.")  # fmt: skip
@with_appcontext
def seed(scale: str) -> None:
    """Tạo dữ liệu mẫu trong cơ sở dữ liệu trống đã migrate; chạy lần nữa không đổi gì."""
    if _settings().role is InstallationRole.HUB:
        seed_hub()
        return
    if scale == "province":
        _require_empty()
        seed_province(hash_password(PASSPHRASE), _stopwatch())
        show_accounts()
        return
    seed_when_empty()
    show_accounts()


def seed_when_empty() -> None:
    """Seed the pilot, or finish what an interrupted run left; raise ClickException when other data is there."""
    if not is_founded(db.session()):
        _require_empty()
        seed_pilot(hash_password(PASSPHRASE), _stopwatch())
    elif not is_finished(db.session()):
        finish_pilot(_stopwatch())
    if opened := keep_today_open():
        click.echo(f"Hôm nay không phải ngày học; đã mở ngày học bù (dữ liệu mẫu) ở {opened} trường.")


def _require_empty() -> None:
    if has_other_units(db.session()) or is_founded(db.session()):
        message = (
            f"Thư mục {_settings().instance} đã có dữ liệu. Hãy chọn thư mục trống: INSTANCE=/thu/muc/khac"
        )
        raise click.ClickException(message)


def seed_hub() -> None:
    """Make the operator's account of an installation in hub mode, unless it is there."""
    if shown_accounts(db.session(), (OPERATOR,)):
        return
    with db.transaction() as current:
        found_hub(current, clock.today(), hash_password(PASSPHRASE))


@demo_cli.command("accounts")
@with_appcontext
def accounts() -> None:
    """In lại các tài khoản mẫu và mã thẻ để vào tiết học."""
    show_accounts()


def show_accounts() -> None:
    """Print the accounts of this installation's role."""
    guides = (OPERATOR,) if _settings().role is InstallationRole.HUB else SCHOOL_GUIDES
    click.echo(table_of_accounts(shown_accounts(db.session(), guides), join_hints(db.session())))


@demo_cli.command("prepare-hub", hidden=True)
@click.argument("sender_code")
@click.argument("public_key_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
@migrates_itself
def prepare_hub(sender_code: str, public_key_file: Path) -> None:
    """Đưa kho dữ liệu mẫu đến trạng thái sẵn sàng: migrate, tài khoản, nơi gửi."""
    upgrade()
    seed_hub()
    add_sender_key(SYSTEM, sender_code, public_key_file.read_text(), "Phường thí điểm (dữ liệu mẫu)")
    show_accounts()


@demo_cli.command("run")
@with_appcontext
@migrates_itself
def run() -> None:
    """Chạy bản mẫu: trang web ở PORT, kho dữ liệu ở PORT+1, trong thư mục INSTANCE; Ctrl-C để dừng."""
    try:
        raise SystemExit(run_demo(_settings(), _prepare))
    except DemoFailedError as error:
        raise click.ClickException(str(error)) from error


def _prepare() -> str:
    """Bring this installation to where it can be shown; return the text to show."""
    upgrade()
    seed_when_empty()
    text = table_of_accounts(shown_accounts(db.session(), SCHOOL_GUIDES), join_hints(db.session()))
    db.session().close()
    db.db.engine.dispose()
    return text


def _stopwatch() -> Callable[[str], None]:
    began = time.monotonic()
    return lambda what: click.echo(f"  {time.monotonic() - began:5.1f} s  {what}")
