"""The hub: its endpoint for slices, what it says it holds, and its dashboard across senders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, jsonify, render_template, request

from app import clock, db
from app.http import current_actor
from reports.cubes.rules import Month
from reports.envelope.rules import LARGEST_BODY, EnvelopeError, open_envelope
from reports.exchange.rules import Failure
from reports.hub.commands import SliceRefusedError, store_slice
from reports.hub.queries import (
    form_periods_held,
    forms_received,
    months_received,
    periods_held,
    public_key,
    sender_of_key,
    slices_of_sender,
)
from reports.hub.rules import VIEW_HUB, UnprotectedError, check
from reports.indicators.forms import read_filters
from reports.indicators.queries import line_of
from reports.indicators.rules import total
from reports.official.rules import OCCASION_NAMES, OfficialPeriod
from reports.official.rules.dataset import sum_of_lines
from reports.signatures.rules import Message, RefusedError, verify

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from config import Settings
    from reports.envelope.rules import Receipt
    from reports.hub.models import HubSender
    from reports.hub.queries import ReceivedMonth
    from reports.indicators.queries import Line

bp = Blueprint("hub", __name__, template_folder="templates")


@bp.post("/hub/v1/slices")
def receive() -> tuple[Response, int]:
    """Verify, store and receipt a slice. A refusal names its reason, and is final for this message."""
    try:
        return jsonify(_receipt().as_json()), 200
    except RefusedError as error:
        return _refuse(Failure(error.refusal), 401)
    except EnvelopeError as error:
        current_app.logger.warning("envelope refused: %s", error)
        return _refuse(Failure.BAD_ENVELOPE, 422)
    except UnprotectedError as error:
        current_app.logger.warning("slice refused: %s", error)
        return _refuse(Failure.UNPROTECTED, 422)
    except SliceRefusedError as error:
        return _refuse(error.failure, 413 if error.failure is Failure.TOO_LARGE else 409)


def _receipt() -> Receipt:
    if (request.content_length or 0) > LARGEST_BODY:
        raise SliceRefusedError(Failure.TOO_LARGE)
    body = request.get_data(cache=False)
    if len(body) > LARGEST_BODY:  # sent in chunks, without a length
        raise SliceRefusedError(Failure.TOO_LARGE)
    sender = _sender(body)
    piece = open_envelope(body, sender.code)
    check(piece)
    return store_slice(sender.id, piece, request.headers["Idempotency-Key"])


@bp.get("/hub/v1/slices")
def held() -> tuple[Response, int]:
    """Tell a sender, and only about itself, which slices are held, with their hashes."""
    try:
        sender = _sender(b"")
    except RefusedError as error:
        return _refuse(Failure(error.refusal), 401)
    rows = [
        {
            "dataset": row.dataset,
            "organisation": row.organisation,
            "period": row.period,
            "sequence": row.sequence,
            "sha256": row.sha256,
        }
        for row in slices_of_sender(db.session(), sender.id)
    ]
    return jsonify({"slices": rows}), 200


@bp.get("/hub")
def dashboard() -> str:
    """Show the figures received for a month, school by school; `organisation` opens one with its classes."""
    current_actor().require_somewhere(VIEW_HUB)
    held_months = [month for period in periods_held(db.session()) if (month := Month.parse(period))]
    filters = read_filters(request.args, held_months, next(iter(held_months), Month.of(clock.today())))
    chosen = request.args.get("organisation") or None
    received = months_received(db.session(), filters.month, request.args.get("sender") or None, chosen)
    published = [row.school.counts for row in received if row.school.counts is not None]
    return render_template(
        "hub/dashboard.html",
        filters=filters,
        chosen=chosen,
        rows=[(row, _line(row, filters.month)) for row in received],
        classes=[
            (item, line_of(0, item.name, item.counts, filters.month) if item.counts else None)
            for row in received
            for item in row.rows[1:]
        ]
        if chosen
        else [],
        whole=line_of(0, "", total(published), filters.month),
        withheld=len(received) - len(published),
    )


@bp.get("/hub/forms")
def forms() -> str:
    """Show the official forms received, organisation by organisation; `organisation` opens one grade by grade."""
    current_actor().require_somewhere(VIEW_HUB)
    periods = form_periods_held(db.session())
    asked = OfficialPeriod.parse(request.args.get("period", ""))
    period = asked if asked in periods else next(iter(periods), None)
    rows = forms_received(db.session(), period) if period else []
    sender, organisation = request.args.get("sender"), request.args.get("organisation")
    opened = [row for row in rows if (row.sender_code, row.organisation) == (sender, organisation)]
    return render_template(
        "hub/forms.html",
        periods=periods,
        period=period,
        names=OCCASION_NAMES,
        rows=rows,
        opened=next(iter(opened), None),
        sums=sum_of_lines([row.whole for row in rows]),
    )


def _line(row: ReceivedMonth, month: Month) -> Line | None:
    counts = row.school.counts
    return None if counts is None else line_of(0, row.school.name, counts, month)


def _sender(body: bytes) -> HubSender:
    """Return who signed this request. Raises RefusedError."""
    message = Message(request.method, _address(), dict(request.headers.items()))
    key_id = verify(message, body, lambda key: public_key(db.session(), key), clock.now())
    return sender_of_key(db.session(), key_id)


def _address() -> str:
    """Return the address that the sender signed: the public one where it is configured, else as it was asked for."""
    settings: Settings = current_app.extensions["bangxanh.settings"]
    base = settings.public_url or f"{request.scheme}://{request.host}"
    query = request.query_string.decode("latin-1")
    return f"{base}{request.path}" + (f"?{query}" if query else "")


def _refuse(failure: Failure, status: int) -> tuple[Response, int]:
    db.session().rollback()
    return jsonify({"ok": False, "error": failure.value}), status
