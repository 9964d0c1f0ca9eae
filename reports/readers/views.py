"""GET /api/v1/indicators for programs with a key, and the OpenAPI document that describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, current_app, jsonify, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from limits import parse

from app import clock, db, parameters
from app.access import Actor
from app.accounts.views.tries import limiter
from app.errors import InvalidError, NotFoundError
from app.http import translate
from app.jobs import offload
from app.oneroster.commands.clients import OtherClient
from app.oneroster.views.tokens import reader_of_request
from app.openapi import ADDRESS, document
from app.rest import answered, link_next, no_token, refused, too_many
from app.school.models import OrgUnit
from reports.extracts.commands import place_on, release_extract
from reports.kept.commands import whole_extract
from reports.kept.rules import MOST_AT_ONCE
from reports.readers.commands import note_token, note_use
from reports.readers.queries import is_within, reader_of_key, reader_with, secret_hash_of
from reports.readers.rules import (
    KEY_PREFIX,
    READ,
    TOKEN_GOOD_FOR,
    Answer,
    Question,
    Reader,
    key_id_of,
    page_of,
)
from reports.tallies.queries import period_named, place_tree

if TYPE_CHECKING:
    from datetime import date

    from werkzeug.wrappers import Response

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
        return no_token("indicators") if reader_of_request() is None else _without_scope()
    if not limiter.limiter.hit(READS_PER_KEY, "indicators", reader.client_id):
        return too_many()
    try:
        return _answer(reader, Question.of(request.args))
    except InvalidError as error:
        return refused("invalid", 422, {name: translate(why) for name, why in error.fields.items()})
    except NotFoundError:
        return refused("not_found", 404)


def _reader() -> Reader | None:
    """Return who asks: by a token for a key, by a key itself, or by the token of a school's own program."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    session = db.session()
    if token.startswith(KEY_PREFIX):
        return reader_with(session, token)
    key_id = _key_of_token(token)
    if key_id is not None:
        return reader_of_key(session, key_id)
    program = reader_of_request()
    if program is None or READ not in program.scopes:
        return None
    return Reader(program.client_id, program.name, program.school_id)


def _without_scope() -> tuple[Response, int]:
    return refused("insufficient_scope", 403, {"scope": READ})


# --- tokens for keys ----------------------------------------------------------------------------------------------


def program_with(client_id: str) -> OtherClient | None:
    """Return a key as an OAuth client: its secret is the key, its tokens are signed and end with it or in an hour."""
    key_id = key_id_of(client_id)
    secret = secret_hash_of(db.session(), key_id) if key_id is not None else None
    if key_id is None or secret is None:
        return None
    return OtherClient(client_id, secret, READ, lambda: _token_for(key_id))


def _token_for(key_id: int) -> str:
    db.session().rollback()
    note_token(key_id)
    return str(_signer().dumps([key_id, int((clock.now() + TOKEN_GOOD_FOR).timestamp())]))


def _key_of_token(token: str) -> int | None:
    try:
        key_id, until = _signer().loads(token)
    except (BadSignature, TypeError, ValueError):
        return None
    return int(key_id) if clock.now().timestamp() < until else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="bangxanh.reading")


# --- what is answered ---------------------------------------------------------------------------------------------


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
    if reader.key_id is not None:
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
