"""Counting tries to sign in: by account and by device, never by address alone, for a school is one address.

A device carries a signed cookie: a random name and the accounts that signed in on it. A device that has signed in to
an account has a count of its own for it, so that strangers who guess cannot lock the owner out; all other devices share
one count for the account. A cookie that we did not sign is no device.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import current_app, request
from flask_limiter import Limiter
from itsdangerous import BadSignature, URLSafeSerializer
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from app.cookies import read_cookie, set_cookie
from app.errors import RateLimitedError
from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

log = logging.getLogger(__name__)
limiter = Limiter(key_func=lambda: "", default_limits=[])
DEVICE_COOKIE: Final = "bx_device"
TWO_YEARS: Final = 2 * 365 * 24 * 3600
ACCOUNTS_REMEMBERED: Final = 12
PER_ACCOUNT_ON_ITS_DEVICE: Final = parse("10 per 5 minutes")
PER_ACCOUNT_FROM_STRANGERS: Final = parse("10 per 5 minutes")
PER_DEVICE: Final = parse("60 per 5 minutes")
PER_ADDRESS_WITHOUT_DEVICE: Final = parse("300 per 5 minutes")
"""A whole school behind one address signs in for the first time."""
_without_store = FixedWindowRateLimiter(MemoryStorage())


@dataclass(frozen=True, slots=True)
class Device:
    """This browser, as its signed cookie tells; `accounts` are the user names that signed in here, folded."""

    name: str
    accounts: tuple[str, ...] = ()


def this_device() -> Device | None:
    """Return the device of the running request, None when its cookie is missing or not ours."""
    try:
        said = _signer().loads(read_cookie(DEVICE_COOKIE) or "")
    except BadSignature:
        return None
    return Device(str(said["d"]), tuple(map(str, said["a"])))


def count_try(username: str) -> None:
    """Count one try on an account; raise RateLimitedError when there were too many."""
    account, device = username.strip().casefold()[:64], this_device()
    if device and account in device.accounts:
        allowed = hit(PER_ACCOUNT_ON_ITS_DEVICE, "own", account, device.name)
    else:
        allowed = hit(PER_ACCOUNT_FROM_STRANGERS, "account", account)
    if device:
        allowed = hit(PER_DEVICE, "device", device.name) and allowed
    else:
        allowed = hit(PER_ADDRESS_WITHOUT_DEVICE, "new", request.remote_addr or "") and allowed
    if not allowed:
        raise RateLimitedError(say("Đã thử đăng nhập quá nhiều lần. Hãy đợi 5 phút rồi thử lại."), 300)


def remember_device(response: Response, username: str | None = None) -> Response:
    """Give a browser that has none its device cookie, and note the account that has just signed in on it."""
    device = this_device() or Device(secrets.token_urlsafe(12))
    known = tuple(name for name in device.accounts if name != username)
    accounts = ((username,) if username else ()) + known
    value = str(_signer().dumps({"d": device.name, "a": accounts[:ACCOUNTS_REMEMBERED]}))
    set_cookie(response, DEVICE_COOKIE, value, TWO_YEARS)
    return response


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="bangxanh.device")


def hit(limit: RateLimitItem, *key: str) -> bool:
    """Count one more and say whether it is still allowed.

    In the shared store; without it, in this process, for people must be able to sign in and join when Redis is down.
    """
    return _in_store(lambda store: store.hit(limit, *key))


def is_spent(limit: RateLimitItem, *key: str) -> bool:
    """Say whether nothing more is allowed, without counting."""
    return not _in_store(lambda store: store.test(limit, *key))


def _in_store(ask: Callable[[RateLimiter], bool]) -> bool:
    try:
        return ask(limiter.limiter)
    except Exception:
        log.exception("the store of the rate limits does not answer")
        return ask(_without_store)
