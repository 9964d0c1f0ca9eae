"""OneRoster 1.2 Rostering Service over REST, read only: parse, who reads, what of it, answer."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from flask import Response, request
from limits import parse
from sqlalchemy.exc import DataError

from app import clock, db
from app.accounts.views.tries import limiter
from app.errors import NotFoundError
from app.http import server_address
from app.jobs import offload
from app.oneroster.commands.keeping import refresh_year
from app.oneroster.queries.links import ids_of
from app.oneroster.queries.resources import KINDS, Service
from app.oneroster.rules.asking import (
    BadQuestionError,
    Minor,
    answered,
    chosen,
    fields_of,
    page_links,
    question_of,
)
from app.oneroster.rules.clients import DEMOGRAPHICS, reads_roster
from app.oneroster.rules.resources import FIELDS, Binding
from app.oneroster.views import service_bp
from app.oneroster.views.tokens import reader_of_request
from app.school.models import SchoolYear
from app.school.queries import latest_year

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.oneroster.queries.clients import Reader
    from app.oneroster.rules.asking import Resource

BASE: Final = "/ims/oneroster/rostering/v1p2"
READS_PER_CLIENT: Final = parse("600 per minute")
PLURALS: Final = {
    "org": "orgs",
    "academicSession": "academicSessions",
    "course": "courses",
    "class": "classes",
    "enrollment": "enrollments",
    "user": "users",
    "demographics": "demographics",
}


class RefusedError(Exception):
    """A request that is refused: its HTTP status, the standard's minor code, and a sentence for the programmer."""

    def __init__(self, status: int, minor: Minor, message: str) -> None:
        super().__init__(message)
        self.status, self.minor = status, minor


@service_bp.get(f"{BASE}/<collection>")
def collection(collection: str) -> Response:
    """Answer with a page of a collection."""
    return _many(collection, lambda service: service.collection(collection))


@service_bp.get(f"{BASE}/<collection>/<sourced_id>")
def single(collection: str, sourced_id: str) -> Response:
    """Answer with one resource."""
    reader = _reader(collection)
    kind = KINDS[collection]
    fields = fields_of(request.args, FIELDS[kind])
    found = _ask(reader, lambda service: service.single(collection, sourced_id))
    return _answer({kind: chosen(found, fields)})


@service_bp.get(f"{BASE}/<collection>/<sourced_id>/<inner>")
def nested(collection: str, sourced_id: str, inner: str) -> Response:
    """Answer with a page of what belongs to a resource."""
    return _many(inner, lambda service: service.nested(collection, sourced_id, inner))


@service_bp.get(f"{BASE}/schools/<sourced_id>/classes/<class_sourced_id>/<inner>")
def of_class(sourced_id: str, class_sourced_id: str, inner: str) -> Response:
    """Answer with a page of what belongs to a class of a school."""
    return _many(inner, lambda service: service.in_school(sourced_id, class_sourced_id, inner))


# --- who reads ----------------------------------------------------------------------------------------------------


def _reader(name: str) -> Reader:
    """Return the program that asks; raise RefusedError when it has no token, or not for this."""
    found = reader_of_request()
    if found is None:
        raise RefusedError(401, Minor.UNAUTHORISED, "A valid bearer token is needed.")
    if not limiter.limiter.hit(READS_PER_CLIENT, "oneroster-reads", found.client_id):
        raise RefusedError(429, Minor.BUSY, "Too many requests; wait a minute.")
    if name not in KINDS:
        raise NotFoundError
    allowed = DEMOGRAPHICS in found.scopes if name == "demographics" else reads_roster(found.scopes)
    if not allowed:
        raise RefusedError(403, Minor.FORBIDDEN, "The token was not granted the scope for this.")
    return found


def _ask(reader: Reader, question: Callable[[Service], Any]) -> Any:  # noqa: ANN401 - whatever the question answers
    year = latest_year(db.session(), clock.today())
    if year is None:
        raise NotFoundError
    year_id, binding = year.id, Binding(f"{server_address()}{BASE}")
    db.session().rollback()

    def work() -> Any:  # noqa: ANN401 - as above
        refresh_year(reader.school_id, year_id)
        session = db.session()
        ids = ids_of(session)
        if ids is None:
            raise NotFoundError
        year = session.get_one(SchoolYear, year_id)
        return question(Service(session, ids, reader.school_id, year, binding))

    return offload(work)


# --- answers ------------------------------------------------------------------------------------------------------


def _many(name: str, question: Callable[[Service], list[Resource]]) -> Response:
    reader = _reader(name)
    kind = KINDS[name]
    args = request.args.to_dict()
    asked = question_of(args, FIELDS[kind])
    page, total = _ask(reader, lambda service: answered(question(service), asked))
    answer = _answer({PLURALS[kind]: page})
    answer.headers["X-Total-Count"] = str(total)
    answer.headers["Link"] = page_links(f"{server_address()}{request.path}", args, asked, total)
    return answer


def _answer(content: Resource) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    answer = Response(body, content_type="application/json")
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


def _refusal(status: int, minor: Minor, message: str) -> Response:
    content = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": message,
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
            ]
        },
    }
    answer = Response(json.dumps(content), status=status, content_type="application/json")
    if status == 401:  # noqa: PLR2004 - unauthorised
        answer.headers["WWW-Authenticate"] = 'Bearer realm="OneRoster"'
    if status == 429:  # noqa: PLR2004 - too many
        answer.headers["Retry-After"] = "60"
    return answer


@service_bp.errorhandler(RefusedError)
def tell_refused(error: RefusedError) -> Response:
    """Tell a program why it is refused."""
    return _refusal(error.status, error.minor, str(error))


@service_bp.errorhandler(BadQuestionError)
def tell_bad_question(error: BadQuestionError) -> Response:
    """Tell a program which parameter cannot be understood."""
    return _refusal(400, error.minor, error.message)


@service_bp.errorhandler(NotFoundError)
def tell_unknown(error: NotFoundError) -> Response:
    """Tell a program that there is no such thing at its school; another school's is told in the same words."""
    del error
    return _refusal(404, Minor.UNKNOWN, "There is no such resource.")


@service_bp.errorhandler(DataError)
def tell_bad_data(error: DataError) -> Response:
    """Tell a program that it sent what no column can hold."""
    del error
    db.session().rollback()
    return _refusal(400, Minor.INVALID, "The request holds characters that cannot be used.")
