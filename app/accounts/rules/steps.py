"""The steps of signing in after the password, and codes from an authenticator (TOTP, RFC 6238)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from passlib.exc import InvalidTokenError, MalformedTokenError, UsedTokenError
from passlib.totp import TOTP

from app.accounts.rules.names import SLIP_ALPHABET

RECOVERY_CODES: Final = 10
_RECOVERY_LENGTH: Final = 12
TOLERANCE: Final = 30
"""Seconds by which a phone's clock may be wrong: one step before and after."""
PENDING_MINUTES: Final = 15
"""So long may the steps after the password take."""


class Step(StrEnum):
    """What is still due after the password before anybody is signed in, in the order in which it is asked."""

    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - the name of a step
    ENROLMENT = "enrolment"


class Ask(StrEnum):
    """What a passkey is asked for: to be made, or to be used."""

    MAKE = "make"
    USE = "use"


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides the next step of a sign-in."""

    has_factor: bool
    gave_factor: bool
    must_change_password: bool
    needs_factor: bool


def next_step(standing: Standing) -> Step | None:
    """Return the step that is due, None when the person is signed in.

    The code comes first: a first password alone must not reach the page that replaces it.
    """
    if standing.has_factor and not standing.gave_factor:
        return Step.CODE
    if standing.must_change_password:
        return Step.PASSWORD
    if standing.needs_factor and not standing.has_factor:
        return Step.ENROLMENT
    return None


def new_secret() -> str:
    """Return a new random secret of 160 bits, base32, as authenticator apps take it."""
    secret: str = TOTP.new(digits=6).base32_key
    return secret


def otpauth_uri(secret: str, username: str, issuer: str) -> str:
    """Return the address that a QR code carries to an authenticator app."""
    uri: str = TOTP(secret, format="base32").to_uri(label=username, issuer=issuer.replace(":", " "))
    return uri


def used_step(secret: str, code: str, at_seconds: int, last_step: int | None) -> int | None:
    """Return the 30 s step whose code this is, None for a wrong code or one not after `last_step` (RFC 6238, 5.2)."""
    try:
        match = TOTP(secret, format="base32").match(
            re.sub(r"\s", "", code), time=at_seconds, window=TOLERANCE, last_counter=last_step
        )
    except (InvalidTokenError, MalformedTokenError, UsedTokenError):
        return None
    counter: int = match.counter
    return counter


def new_recovery_codes() -> list[str]:
    """Return ten random codes of 59 bits, such as "kmft-7r3p-xq9w"."""
    signs = [
        "".join(secrets.choice(SLIP_ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    return [f"{one[:4]}-{one[4:8]}-{one[8:]}" for one in signs]


def clean_recovery_code(typed: str) -> str:
    """Return a typed recovery code as it was given out, whatever the spaces, hyphens and capitals."""
    bare = re.sub(r"[^a-z0-9]", "", typed.lower())
    return f"{bare[:4]}-{bare[4:8]}-{bare[8:]}"
