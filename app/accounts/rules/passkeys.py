"""Passkeys (W3C Web Authentication, level 3): what is asked of a device, and whether its answer holds.

Everything here is a function of values: the caller keeps the challenge, uses it up and says who it was for.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.text import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterable

CHALLENGE_MINUTES: Final = 5
LONGEST_KEY_NAME: Final = 60
LONGEST_ANSWER: Final = 20_000
"""Characters of a device's answer; a real one has 1,000 to 4,000."""
MOST_PASSKEYS: Final = 20
_LONGEST_ID: Final = 1364
_TIMEOUT_MS: Final = CHALLENGE_MINUTES * 60_000
_REFUSED: Final = (
    WebAuthnException,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
)
"""What the reader of a device's answer raises for one that is not well formed."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom a passkey is for: `name` is the host's name, `origin` the address that the browser must have shown."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A passkey as it is stored: its id and public key in base64url, its last counter, how it is reached."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """The person whom a device is told about: an opaque handle, the user name, the full name."""

    handle: bytes
    username: str
    full_name: str


def relying_party(public_url: str | None, requested_url: str) -> RelyingParty | None:
    """Return whom passkeys are for: the installation's public address, else the one that was asked.

    None where browsers offer no passkeys: at an address in numbers, or one without https (but for localhost).
    """
    parts = urlsplit(public_url or requested_url)
    host = (parts.hostname or "").rstrip(".")
    if not host or _is_number(host) or not (parts.scheme == "https" or _is_local(host)):
        return None
    return RelyingParty(host, f"{parts.scheme}://{parts.netloc}")


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _is_number(host: str) -> bool:
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return False


def key_name(typed: str, device: str) -> str:
    """Return the name of a passkey: what was typed, else the device's name."""
    return (clean_name(typed) or clean_name(device) or "?")[:LONGEST_KEY_NAME]


def registration_options(
    party: RelyingParty,
    site: str,
    holder: Holder,
    challenge: bytes,
    *,
    known: Iterable[KnownKey],
    strong: bool,
) -> dict[str, Any]:
    """Return what a browser is asked in order to make a passkey, as JSON values; keys already known are left out."""
    options = generate_registration_options(
        rp_id=party.name,
        rp_name=site,
        user_id=holder.handle,
        user_name=holder.username,
        user_display_name=holder.full_name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_verification(strong=strong)
        ),
        exclude_credentials=_descriptors(known),
    )
    return dict(options_to_json_dict(options))


def assertion_options(
    party: RelyingParty, challenge: bytes, known: Iterable[KnownKey], *, strong: bool
) -> dict[str, Any]:
    """Return what a browser is asked in order to use one of a person's passkeys, as JSON values."""
    options = generate_authentication_options(
        rp_id=party.name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=_descriptors(known),
        user_verification=_verification(strong=strong),
    )
    return dict(options_to_json_dict(options))


def _verification(*, strong: bool) -> UserVerificationRequirement:
    return UserVerificationRequirement.REQUIRED if strong else UserVerificationRequirement.PREFERRED


def _descriptors(known: Iterable[KnownKey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(key.credential_id),
            transports=[AuthenticatorTransport(name) for name in key.transports if name in _TRANSPORTS]
            or None,
        )
        for key in known
    ]


_TRANSPORTS: Final = frozenset(transport.value for transport in AuthenticatorTransport)


def made_key(party: RelyingParty, challenge: bytes, answer: str, *, strong: bool) -> KnownKey | None:
    """Return the passkey that a device made for this challenge (section 7.1), None when its answer does not hold."""
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        credential = parse_registration_credential_json(answer)
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            require_user_verification=strong,
        )
    except _REFUSED:
        return None
    credential_id = bytes_to_base64url(made.credential_id)
    if len(credential_id) > _LONGEST_ID:
        return None
    reached = tuple(transport.value for transport in credential.response.transports or ())
    return KnownKey(credential_id, bytes_to_base64url(made.credential_public_key), made.sign_count, reached)


def named_key(answer: str) -> str | None:
    """Return the id (base64url) of the passkey that an answer claims to come from, None when it cannot be read."""
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        return bytes_to_base64url(parse_authentication_credential_json(answer).raw_id)
    except _REFUSED:
        return None


def used_count(
    party: RelyingParty, challenge: bytes, key: KnownKey, handle: bytes, answer: str, *, strong: bool
) -> int | None:
    """Return the counter in a device's answer to this challenge (section 7.2), None when the answer does not hold.

    Whether the counter has gone on is for `is_counter_sound` to say.
    """
    try:
        credential = parse_authentication_credential_json(answer)
        if credential.response.user_handle not in {None, b"", handle}:
            return None
        used = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=0,
            require_user_verification=strong,
        )
    except _REFUSED:
        return None
    return used.new_sign_count


def is_counter_sound(stored: int, given: int) -> bool:
    """Say whether a counter has gone on; a passkey that never counts stays at 0 (section 7.2, step 22)."""
    return given > stored or stored == given == 0
