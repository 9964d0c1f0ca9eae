"""The page of the hub: what waits, what arrived, what failed; send again, or take it as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import db
from app.http import current_actor
from app.text import file_name_safe
from reports.envelope.rules import CONTENT_TYPE
from reports.exchange.commands import send_again
from reports.exchange.queries import counts_by_state, envelope_of, hub_owner, slice_for, slices_for
from reports.exchange.rules import FAILURE_TEXTS, WAITING, WATCH_EXCHANGE, Failure, SliceState
from reports.official.rules import OCCASION_NAMES
from reports.signatures.commands import signing_key

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from config import Settings
    from reports.exchange.models import OutgoingSlice

bp = Blueprint("exchange", __name__, template_folder="templates")
PER_PAGE = 50


@bp.get("/exchange")
def exchange() -> str:
    """Show where every slice stands."""
    actor = current_actor()
    asked = request.args.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 9 else 1  # noqa: PLR2004 - digits of a page number
    lines, total = slices_for(actor, WATCH_EXCHANGE, page=page, per_page=PER_PAGE)
    states = counts_by_state(actor, WATCH_EXCHANGE)
    settings = _settings()
    key = signing_key(settings.instance)
    return render_template(
        "exchange/exchange.html",
        lines=lines,
        total=total,
        page=page,
        pages=-(-total // PER_PAGE),
        page_url=lambda number: url_for("exchange.exchange", page=number),
        waiting=sum(states.get(state, 0) for state in WAITING),
        received=states.get(SliceState.RECEIVED, 0),
        failed=states.get(SliceState.FAILED, 0),
        failure_text=_failure_text,
        occasion_names=OCCASION_NAMES,
        hub_owner=hub_owner(db.session()),
        hub_url=settings.hub_url,
        sender_code=settings.sender_code,
        key_id=key.key_id,
        public_key=key.public_pem,
    )


@bp.post("/exchange/<int:slice_id>/send")
def send_slice(slice_id: int) -> BaseResponse:
    """Send a slice again now."""
    actor = current_actor()
    send_again(actor, slice_for(actor, WATCH_EXCHANGE, slice_id))
    flash(_("Đã xếp hàng để gửi lại."), "success")
    return redirect(url_for("exchange.exchange"))


@bp.get("/exchange/<int:slice_id>/file")
def slice_file(slice_id: int) -> Response:
    """Hand out a slice as a file: the same bytes that are sent."""
    row = slice_for(current_actor(), WATCH_EXCHANGE, slice_id)
    name = f"{row.dataset}-{file_name_safe(row.organisation)}-{row.period}-{row.sequence}.json"
    return Response(
        envelope_of(row, _settings().sender_code),
        mimetype=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _failure_text(row: OutgoingSlice) -> str:
    return FAILURE_TEXTS[Failure(row.last_error)] if row.last_error else ""


def _settings() -> Settings:
    settings: Settings = current_app.extensions["bangxanh.settings"]
    return settings
