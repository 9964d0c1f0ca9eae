from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.errors import ConflictError
from reports.signatures.commands import known_keys, prepare_key, rotate_key, signing_key
from reports.signatures.rules import (
    Message,
    Refusal,
    RefusedError,
    SigningKey,
    fingerprint,
    public_pem,
    read_public_pem,
    sign,
    verify,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
BODY = b'{"rows":[]}'


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return signing_key(tmp_path)


def signed(key: SigningKey, body: bytes = BODY, now: datetime = NOW) -> Message:
    message = Message(
        "POST",
        "https://hub.example/hub/v1/slices",
        {"Content-Type": "application/cloudevents+json", "Idempotency-Key": "k-1"},
    )
    sign(message, body, key, now)
    return message


def known(key: SigningKey) -> dict[str, Ed25519PublicKey]:
    return {key.key_id: key.private.public_key()}


def refusal(message: Message, key: SigningKey, body: bytes = BODY, now: datetime = NOW) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        verify(message, body, known(key).get, now)
    return caught.value.refusal


def test_what_was_signed_is_accepted_and_tells_whose_key_it_was(key: SigningKey) -> None:
    assert verify(signed(key), BODY, known(key).get, NOW + timedelta(minutes=2)) == key.key_id


def test_a_question_without_a_body_is_signed_too(key: SigningKey) -> None:
    message = Message("GET", "https://hub.example/hub/v1/slices?period=2026-10")
    sign(message, b"", key, NOW)
    assert verify(message, b"", known(key).get, NOW) == key.key_id
    message.url += "&dataset=other"
    assert refusal(message, key, b"") is Refusal.BAD_SIGNATURE


def test_a_changed_body_is_refused_by_its_digest(key: SigningKey) -> None:
    assert refusal(signed(key), key, BODY.replace(b"[]", b"[1]")) is Refusal.BAD_DIGEST


def test_a_changed_body_with_a_matching_digest_is_refused_by_the_signature(key: SigningKey) -> None:
    other = signed(key, b'{"rows":[1]}')
    message = signed(key)
    message.headers["Content-Digest"] = other.headers["Content-Digest"]
    assert refusal(message, key, b'{"rows":[1]}') is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("name", "value"),
    [("Idempotency-Key", "k-2"), ("Content-Type", "text/plain"), ("Signature", "sig=:AAAA:")],
)
def test_a_changed_header_is_refused(key: SigningKey, name: str, value: str) -> None:
    message = signed(key)
    message.headers[name] = value
    assert refusal(message, key) is Refusal.BAD_SIGNATURE


def test_another_method_or_address_is_refused(key: SigningKey) -> None:
    message = signed(key)
    assert refusal(replace(message, method="PUT"), key) is Refusal.BAD_SIGNATURE
    assert refusal(replace(message, url="https://other.example/hub/v1/slices"), key) is Refusal.BAD_SIGNATURE


def test_a_signature_is_valid_for_minutes(key: SigningKey) -> None:
    message = signed(key)
    assert refusal(message, key, now=NOW + timedelta(minutes=7)) is Refusal.EXPIRED
    assert refusal(message, key, now=NOW - timedelta(minutes=2)) is Refusal.EXPIRED


def test_a_signature_that_covers_too_little_is_refused(key: SigningKey) -> None:
    message = Message("POST", "https://hub.example/hub/v1/slices", {"Idempotency-Key": "k-1"})
    sign(message, b"", key, NOW)
    assert refusal(message, key) is Refusal.BAD_DIGEST
    message.headers["Content-Digest"] = signed(key).headers["Content-Digest"]
    message.headers["Content-Type"] = "application/cloudevents+json"
    assert refusal(message, key) is Refusal.BAD_SIGNATURE


def test_unsigned_and_strangers_are_told_apart(key: SigningKey, tmp_path: Path) -> None:
    stranger = signing_key(tmp_path / "elsewhere")
    assert refusal(Message("POST", "https://hub.example/", {}), key) is Refusal.UNSIGNED
    assert refusal(signed(stranger), key) is Refusal.UNKNOWN_KEY


def test_keys_are_private_stay_the_same_and_rotate(tmp_path: Path) -> None:
    first = signing_key(tmp_path)
    assert signing_key(tmp_path).key_id == first.key_id
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    prepared = prepare_key(tmp_path)
    assert prepare_key(tmp_path).key_id == prepared.key_id != first.key_id
    assert signing_key(tmp_path).key_id == first.key_id
    second = rotate_key(tmp_path)
    assert second.key_id == prepared.key_id
    assert signing_key(tmp_path).key_id == second.key_id
    with pytest.raises(ConflictError, match="--next"):
        rotate_key(tmp_path)  # again, by mistake: the hub cannot know a key that nobody printed
    assert [key.key_id for key in known_keys(tmp_path)] == [second.key_id, first.key_id]


def test_a_public_key_is_read_back_and_a_private_one_is_not(key: SigningKey, tmp_path: Path) -> None:
    public = read_public_pem(key.public_pem)
    assert fingerprint(public) == key.key_id
    assert public_pem(public) == key.public_pem
    private = next((tmp_path / "keys").iterdir()).read_text()
    with pytest.raises(ValueError, match="PEM"):
        read_public_pem(private)
