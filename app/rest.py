"""Answers to programs: JSON with an ETag, refusals that name what is wrong, the link to the next page."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import jsonify, request

from app import db

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response


def answered(content: Mapping[str, object]) -> Response:
    """Answer with JSON; whoever has this already is told so (304). Only the asker may keep it."""
    response = jsonify(content)
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest())
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def link_next(response: Response, address: str, page: int) -> None:
    """Name the page after this one in the header Link (RFC 8288)."""
    following = urlencode(request.args.to_dict() | {"page": str(page + 1)})
    response.headers["Link"] = f'<{address}?{following}>; rel="next"'


def refused(
    error: str, status: int, fields: Mapping[str, str] | None = None, **headers: str
) -> tuple[Response, int]:
    """Refuse with a word for the program, and the fields at fault in words for people; give back the connection."""
    db.session().rollback()
    response = jsonify({"error": error, "fields": dict(fields or {})})
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response, status


def too_many() -> tuple[Response, int]:
    """Tell a program that it asks too often."""
    return refused("rate_limited", 429, Retry_After="60")


def no_token(realm: str) -> tuple[Response, int]:
    """Tell a program that it has not said who it is (RFC 6750)."""
    return refused("unauthorised", 401, WWW_Authenticate=f'Bearer realm="{realm}"')
