"""The security headers of every answer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flask import current_app, request

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

SAFE_HOST: Final = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


def add_headers(response: BaseResponse) -> BaseResponse:
    """Add what is not there yet; run after every view."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _content_security_policy(request.host))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault(
        "Permissions-Policy", "camera=(self), microphone=(), geolocation=(), interest-cohort=()"
    )
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


@lru_cache(maxsize=64)
def _content_security_policy(asked: str) -> str:
    host = asked if SAFE_HOST.fullmatch(asked) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""  # older TV browsers do not count ws: as 'self'
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self'{sockets}; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )
