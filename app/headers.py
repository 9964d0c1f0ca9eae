"""The security headers of every answer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flask import current_app, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response as BaseResponse

_ALWAYS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), interest-cohort=()"),
)
_STRICT_TRANSPORT: Final = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
SAFE_HOST: Final = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


def add_headers(response: BaseResponse) -> BaseResponse:
    """Add what is not there yet; run after every view."""
    there = {name.lower() for name, _value in response.headers}
    for name, value in _wanted():
        if name.lower() not in there:
            response.headers.add(name, value)
    return response


def of_files(*, secure: bool) -> tuple[tuple[str, str], ...]:
    """Return what answers carry that no view makes: static files (a drawing is a document as well), refused sockets."""
    transport = (_STRICT_TRANSPORT,) if secure else ()
    return (("Content-Security-Policy", _content_security_policy("")), *_ALWAYS, *transport)


def _wanted() -> Iterator[tuple[str, str]]:
    yield "Content-Security-Policy", _content_security_policy(request.host)
    yield from _ALWAYS
    if current_app.config["SESSION_COOKIE_SECURE"]:
        yield _STRICT_TRANSPORT
    if request.endpoint != "static":
        yield "Cache-Control", "no-store"


@lru_cache(maxsize=64)
def _content_security_policy(asked: str) -> str:
    host = asked if SAFE_HOST.fullmatch(asked) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""  # older TV browsers do not count ws: as 'self'
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self'{sockets}; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )
