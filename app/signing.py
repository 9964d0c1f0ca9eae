"""HTTP Message Signatures (RFC 9421, Ed25519) of programs and devices that send to an installation. Pure.

A signature binds the body through Content-Digest (RFC 9530), is valid for minutes, and names its key by the
fingerprint of the public half, so that a sender may have an old and a new key while it changes over. What exactly is
signed differs by sender: a `Profile`. Hub and gates share all the rest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from http_message_signatures.digests import ContentDigest
from http_message_signatures.exceptions import HTTPMessageSignaturesException

if TYPE_CHECKING:
    from collections.abc import Callable

VALID_FOR: Final = timedelta(minutes=5)
LONGEST_VALIDITY: Final = timedelta(minutes=15)
CLOCK_SKEW: Final = timedelta(seconds=60)
FINGERPRINT_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class Profile:
    """What is signed of a message: its tag keeps a signature for one purpose from being good for another.

    `always` are the components (RFC 9421, 2) that every signature covers, `with_body` those of a message with a body.
    """

    tag: str
    always: tuple[str, ...]
    with_body: tuple[str, ...]

    def covered(self, body: bytes) -> tuple[str, ...]:
        """Return what a signature of a message with this body must cover."""
        return self.with_body if body else self.always


class Refusal(StrEnum):
    """Why a message was not accepted. None of them goes away by sending the same message again."""

    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    EXPIRED = "expired"
    BAD_DIGEST = "bad_digest"
    BAD_SIGNATURE = "bad_signature"


class RefusedError(Exception):
    """A message whose signature does not hold; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(slots=True)
class Message:
    """A request as both sides see it: upper-case method, absolute address, header fields."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the name by which the other side knows its public half."""

    key_id: str
    private: Ed25519PrivateKey

    @property
    def public_pem(self) -> str:
        """The public half, as given to the hub."""
        return public_pem(self.private.public_key())


def public_pem(key: Ed25519PublicKey) -> str:
    """Return a public key as PEM text."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_public_pem(text: str) -> Ed25519PublicKey:
    """Return the Ed25519 public key of PEM text. Raises ValueError for anything else, a private key too."""
    key = load_pem_public_key(text.encode())
    if not isinstance(key, Ed25519PublicKey):
        message = "not an Ed25519 public key"
        raise ValueError(message)  # noqa: TRY004 - the text is wrong, not the type of an argument
    return key


def new_key() -> SigningKey:
    """Return a key that nobody ever had."""
    private = Ed25519PrivateKey.generate()
    return SigningKey(fingerprint(private.public_key()), private)


def private_pem(key: Ed25519PrivateKey) -> str:
    """Return a private key as PEM text (PKCS #8), without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return the key id: the first 16 hexadecimal digits of the SHA-256 of the raw public key."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:FINGERPRINT_LENGTH]


def sign(profile: Profile, message: Message, body: bytes, key: SigningKey, now: datetime) -> None:
    """Add Content-Digest (when there is a body) and the signature to the headers of a message."""
    if body:
        message.headers["Content-Digest"] = ContentDigest.create(body)
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_OwnKey(key))
    signer.sign(
        message,
        key_id=key.key_id,
        created=now,
        expires=now + VALID_FOR,
        label="sig",
        tag=profile.tag,
        covered_component_ids=profile.covered(body),
        use_existing_digest=bool(body),
    )


def verify(
    profile: Profile,
    message: Message,
    body: bytes,
    find_key: Callable[[str], Ed25519PublicKey | None],
    now: datetime,
) -> str:
    """Return the id of the key that signed exactly this message, not long ago. Raises RefusedError otherwise.

    `find_key` returns the public key that a key id stands for, or None when it is unknown or was withdrawn.
    """
    if "signature" not in {name.lower() for name in message.headers}:
        raise RefusedError(Refusal.UNSIGNED)
    _check_digest(message, body)
    resolver = _SendersKeys(find_key)
    verifier = _Verifier(now, resolver)
    try:
        results = verifier.verify(
            message,
            max_age=None,
            expect_tag=profile.tag,
            require_components=profile.covered(body),
        )
    except _ExpiredSignature as error:
        raise RefusedError(Refusal.EXPIRED) from error
    except HTTPMessageSignaturesException as error:
        refusal = Refusal.UNKNOWN_KEY if resolver.is_unknown else Refusal.BAD_SIGNATURE
        raise RefusedError(refusal) from error
    return str(results[0].parameters["keyid"])


def _check_digest(message: Message, body: bytes) -> None:
    given = {name.lower(): value for name, value in message.headers.items()}.get("content-digest")
    if given is None and not body:
        return
    try:
        ContentDigest.verify(given or "", body)
    except InvalidSignature as error:
        raise RefusedError(Refusal.BAD_DIGEST) from error


class _OwnKey(HTTPSignatureKeyResolver):
    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        if key_id != self._key.key_id:
            raise KeyError(key_id)
        return self._key.private


class _SendersKeys(HTTPSignatureKeyResolver):
    def __init__(self, find_key: Callable[[str], Ed25519PublicKey | None]) -> None:
        self._find_key = find_key
        self.is_unknown = False

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        key = self._find_key(key_id)
        self.is_unknown = key is None
        return key


class _ExpiredSignature(InvalidSignature):
    pass


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, but time is passed in, and an open-ended signature does not do."""

    def __init__(self, now: datetime, resolver: HTTPSignatureKeyResolver) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=resolver)
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:  # noqa: ANN401
        """Refuse a signature from the future, from the past, without both times, or valid for too long."""
        del max_age
        try:
            created, expires = (
                datetime.fromtimestamp(sig_input.params[name], tz=UTC) for name in ("created", "expires")
            )
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise _ExpiredSignature from error
        is_current = created - CLOCK_SKEW <= self._now <= expires + CLOCK_SKEW
        if not is_current or expires - created > LONGEST_VALIDITY:
            raise _ExpiredSignature
