"""Cookies, once for everybody: what they are called, and that no other host or plain connection has a say in them.

In production the cookies that prove something carry the prefix `__Host-`: a browser takes such a one only over TLS, for
this host and every path, so that neither a neighbouring host nor somebody on the line can plant one (RFC 6265bis;
ASVS 5.0, 3.3.1 and 3.3.3). Names of before are not read any more: whoever was signed in signs in once again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import current_app, request

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

PREFIX: Final = "__Host-"


def cookie_name(name: str) -> str:
    """Return what a cookie is called in this installation."""
    return f"{PREFIX}{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def read_cookie(name: str, source: Request | None = None) -> str | None:
    """Return what this browser holds under a name, None when it holds nothing; of `source` where a socket knocks."""
    return (source or request).cookies.get(cookie_name(name))


def set_cookie(
    response: Response,
    name: str,
    value: str,
    seconds: int,
    *,
    same_site: str = "Lax",
    is_for_scripts: bool = False,
) -> None:
    """Have the browser hold a value for so many seconds, out of the reach of scripts unless they need it."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=seconds,
        httponly=not is_for_scripts,
        samesite=same_site,
        secure=is_secure_only(),
    )


def forget_cookie(response: Response, name: str, *, same_site: str = "Lax") -> None:
    """Have the browser forget a cookie."""
    response.delete_cookie(cookie_name(name), samesite=same_site, secure=is_secure_only())


def is_secure_only() -> bool:
    """Say whether browsers may send this answer's cookies over TLS only: always in production."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure)
