"""What the worker does every few seconds, and `flask --app wsgi exchange send|verify|key`, the same by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from app.errors import BangXanhError
from reports.delivery.commands import HubLink, deliver_due, reconcile_with_hub
from reports.signatures.commands import prepare_key, rotate_key, signing_key

if TYPE_CHECKING:
    from config import Settings


def deliver_periodically() -> None:
    """Send what waits; do nothing while no hub is configured."""
    if link := hub_link():
        deliver_due(link)


def reconcile_periodically() -> None:
    """Read back what the hub holds; do nothing while no hub is configured."""
    if link := hub_link():
        reconcile_with_hub(link)


def hub_link() -> HubLink | None:
    """Return where the hub is and how to sign there, None when no hub is configured."""
    settings = _settings()
    if settings.hub_url is None:
        return None
    return HubLink(settings.hub_url, settings.sender_code, signing_key(settings.instance))


@click.group("exchange")
def exchange_cli() -> None:
    """Gửi số liệu lên kho dữ liệu dùng chung."""


@exchange_cli.command("send")
@with_appcontext
def send_command() -> None:
    """Gửi những gì đang chờ."""
    click.echo(f"Đã tiếp nhận {deliver_due(_link())} bản.")


@exchange_cli.command("verify")
@with_appcontext
def verify_command() -> None:
    """Đối chiếu với những gì kho dữ liệu đang giữ; có khác biệt thì kết thúc với mã lỗi."""
    differing = reconcile_with_hub(_link())
    if differing is None:
        message = "Kho dữ liệu không trả lời."
        raise click.ClickException(message)
    click.echo(f"{differing} bản khác nhau.")
    raise SystemExit(1 if differing else 0)


@exchange_cli.command("key")
@click.option(
    "--next", "is_next", is_flag=True, help="In khóa kế tiếp (tạo nếu chưa có); khóa này chưa dùng để ký."
)
@click.option(
    "--rotate", is_flag=True, help="Ký bằng khóa kế tiếp từ bây giờ; kho dữ liệu phải biết khóa ấy trước."
)
@with_appcontext
def key_command(*, is_next: bool, rotate: bool) -> None:
    """In khóa công khai của hệ thống này."""
    instance = _settings().instance
    choose = prepare_key if is_next else rotate_key if rotate else signing_key
    try:
        key = choose(instance)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo(key.public_pem, nl=False)
    click.echo(f"{_settings().sender_code} {key.key_id}", err=True)


def _link() -> HubLink:
    link = hub_link()
    if link is None:
        message = "Chưa khai báo địa chỉ kho dữ liệu (BANGXANH_HUB_URL)."
        raise click.ClickException(message)
    return link


def _settings() -> Settings:
    settings: Settings = current_app.extensions["bangxanh.settings"]
    return settings
