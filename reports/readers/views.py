"""GET /api/v1/indicators for programs with a key, and the OpenAPI document that describes it."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flask import Blueprint, jsonify, request, url_for
from limits import parse

from app import clock, db
from app.access import Actor
from app.accounts.views.tries import limiter
from app.errors import InvalidError, NotFoundError
from app.http import translate
from app.jobs import offload
from app.school.models import OrgUnit
from reports.extracts.commands import place_on, release_extract
from reports.readers.commands import note_use
from reports.readers.queries import is_within, reader_with
from reports.readers.rules import OPENAPI, Question, page_of, wrong_parameter
from reports.tallies.queries import place_tree

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from reports.extracts.rules import Extract
    from reports.readers.rules import Reader
    from reports.tallies.queries import PlaceTree

bp = Blueprint("readers", __name__)
READS_PER_KEY: Final = parse("120 per minute")
"""A province and a month take some tenths of a second of processor time."""


@bp.get("/api/v1/openapi.json")
def openapi() -> Response:
    """Tell how to ask."""
    return jsonify(OPENAPI)


@bp.get("/api/v1/indicators")
def indicators() -> tuple[Response, int]:
    """Answer with a page of protected figures; every refusal is JSON as well."""
    reader = _reader()
    if reader is None:
        refused, _status = _refusal("unauthorised", 401)
        refused.headers["WWW-Authenticate"] = 'Bearer realm="indicators"'
        return refused, 401
    if not limiter.limiter.hit(READS_PER_KEY, "indicators", str(reader.key_id)):
        refused, _status = _refusal("rate_limited", 429)
        refused.headers["Retry-After"] = "60"
        return refused, 429
    try:
        return _answer(reader, Question.of(request.args))
    except InvalidError as error:
        return _refusal("invalid", 422, {name: translate(why) for name, why in error.fields.items()})
    except NotFoundError:
        return _refusal("not_found", 404)


def _reader() -> Reader | None:
    """Return who asks. The one place that knows how programs identify themselves."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return reader_with(db.session(), token) if kind.lower() == "bearer" and token else None


def _answer(reader: Reader, question: Question) -> tuple[Response, int]:
    extract = _extract(reader, question)
    response = jsonify(page_of(question, extract, clock.today()))
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest())
    response.headers["Cache-Control"] = "private, no-cache"
    if question.page * question.per_page < len(question.chosen(extract)):
        following = urlencode(request.args.to_dict() | {"page": str(question.page + 1)})
        response.headers["Link"] = f'<{url_for("readers.indicators")}?{following}>; rel="next"'
    response.make_conditional(request)
    return response, response.status_code


def _extract(reader: Reader, question: Question) -> Extract:
    """Return the extract, worked out outside the event loop; a province takes a while."""
    today = clock.today()
    day = _day(question.as_of, today)
    place = _place(reader, question.place, day)
    actor = Actor(0, reader.name)
    note_use(reader.key_id)
    return offload(lambda: release_extract(actor, place, question.period, min(day, today), "api"))


def _day(text: str, today: date) -> date:
    name = "as_of"
    try:
        return date.fromisoformat(text) if text else today
    except ValueError as error:
        raise wrong_parameter(name) from error


def _place(reader: Reader, code: str, day: date) -> PlaceTree:
    """Return the place with this code if the reader may see it. Raises NotFoundError."""
    place = place_on(code, day)
    own = db.session().get(OrgUnit, reader.unit_id)
    whole = place_tree(db.session(), own.code, day) if own else None
    if not is_within(place, reader.unit_id, whole):
        raise NotFoundError
    return place


def _refusal(error: str, status: int, fields: dict[str, str] | None = None) -> tuple[Response, int]:
    db.session().rollback()
    return jsonify({"error": error, "fields": fields or {}}), status
