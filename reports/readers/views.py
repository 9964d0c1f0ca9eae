"""GET /api/v1/indicators for programs with a key, and the OpenAPI document that describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, current_app, jsonify, request, url_for
from limits import parse

from app import clock, db, parameters
from app.access import Actor
from app.accounts.views.tries import limiter
from app.errors import InvalidError, NotFoundError
from app.http import translate
from app.jobs import offload
from app.openapi import ADDRESS, document
from app.rest import answered, link_next, no_token, refused, too_many
from app.school.models import OrgUnit
from reports.extracts.commands import place_on, release_extract
from reports.kept.commands import whole_extract
from reports.kept.rules import MOST_AT_ONCE
from reports.readers.commands import note_use
from reports.readers.queries import is_within, reader_with
from reports.readers.rules import Answer, Question, page_of
from reports.tallies.queries import period_named, place_tree

if TYPE_CHECKING:
    from datetime import date

    from werkzeug.wrappers import Response

    from reports.readers.rules import Reader
    from reports.tallies.queries import PlaceTree

bp = Blueprint("readers", __name__)
READS_PER_KEY: Final = parse("120 per minute")
"""A province and a month take some tenths of a second of processor time."""


@bp.get(ADDRESS)
def openapi() -> Response:
    """Tell how to ask."""
    return jsonify(document(current_app))


@bp.get("/api/v1/indicators")
def indicators() -> tuple[Response, int]:
    """Answer with a page of protected figures; every refusal is JSON as well."""
    reader = _reader()
    if reader is None:
        return no_token("indicators")
    if not limiter.limiter.hit(READS_PER_KEY, "indicators", str(reader.key_id)):
        return too_many()
    try:
        return _answer(reader, Question.of(request.args))
    except InvalidError as error:
        return refused("invalid", 422, {name: translate(why) for name, why in error.fields.items()})
    except NotFoundError:
        return refused("not_found", 404)


def _reader() -> Reader | None:
    """Return who asks. The one place that knows how programs identify themselves."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return reader_with(db.session(), token) if kind.lower() == "bearer" and token else None


def _answer(reader: Reader, question: Question) -> tuple[Response, int]:
    answer = _extract(reader, question)
    if answer is None:
        return refused("being_made", 503, Retry_After="60")
    response = answered(page_of(question, answer, clock.today()))
    if answer.made_at:
        response.last_modified = answer.made_at
    if question.page * question.per_page < len(question.chosen(answer)):
        link_next(response, url_for("readers.indicators"), question.page)
    return response, response.status_code


def _extract(reader: Reader, question: Question) -> Answer | None:
    """Return the extract: of a few schools worked out now, outside the event loop; of many what a job keeps."""
    today = clock.today()
    day = parameters.day({"as_of": question.as_of}, "as_of", today)
    place = _place(reader, question.place, day)
    period = period_named(db.session(), question.period)
    if period is None:
        raise NotFoundError
    actor = Actor(0, reader.name)
    note_use(reader.key_id)
    if len(place.schools) > MOST_AT_ONCE and day >= today:
        kept = whole_extract(actor, place, period, "api")
        return Answer(kept.content, kept.sha256, kept.made_at) if kept else None
    return offload(lambda: _made_now(actor, place, question.period, min(day, today)))


def _made_now(actor: Actor, place: PlaceTree, period: str, day: date) -> Answer:
    extract = release_extract(actor, place, period, day, "api")
    return Answer(extract.as_json(), extract.digest)


def _place(reader: Reader, code: str, day: date) -> PlaceTree:
    """Return the place with this code if the reader may see it. Raises NotFoundError."""
    place = place_on(code, day)
    own = db.session().get(OrgUnit, reader.unit_id)
    whole = place_tree(db.session(), own.code, day) if own else None
    if not is_within(place, reader.unit_id, whole):
        raise NotFoundError
    return place
