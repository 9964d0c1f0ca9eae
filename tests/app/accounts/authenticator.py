"""A device with passkeys, in software: it answers a browser's questions as a phone would, and lies when told to."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT: Final = 0x01
VERIFIED: Final = 0x04
ATTESTED: Final = 0x40


@dataclass
class Device:
    """One passkey. `verifies` says whether it checks its owner; `count` goes on by one for every use."""

    origin: str = "http://localhost"
    verifies: bool = True
    count: int = 0
    handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def flags(self) -> int:
        return PRESENT | (VERIFIED if self.verifies else 0)

    def make(self, options: dict[str, Any], **changed: object) -> str:
        """Answer the question to make a passkey; `changed` replaces parts of what the browser says it saw."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        seen = self._seen("webauthn.create", options["challenge"], changed)
        key = self.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: key.x.to_bytes(32, "big"), -3: key.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + encode_cbor(cose)
        told = self._told(str(changed.get("rp", options["rp"]["id"])), self.flags | ATTESTED) + held
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": told})
        return self._answer(
            {"clientDataJSON": seen, "attestationObject": attestation}, transports=["internal"]
        )

    def use(self, options: dict[str, Any], **changed: object) -> str:
        """Answer the question to use the passkey."""
        self.count += 1
        seen = self._seen("webauthn.get", options["challenge"], changed)
        told = self._told(str(changed.get("rp", options["rpId"])), self.flags)
        signature = self.private.sign(told + hashlib.sha256(seen).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": seen,
                "authenticatorData": told,
                "signature": signature,
                "userHandle": changed.get("handle", self.handle),
            }
        )

    def _seen(self, kind: str, challenge: str, changed: dict[str, object]) -> bytes:
        seen = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(seen | {name: changed[name] for name in seen if name in changed}).encode()

    def _told(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, parts: dict[str, Any], **more: object) -> str:
        response = {
            name: bytes_to_base64url(part) if isinstance(part, bytes) else part
            for name, part in parts.items()
        }
        name = bytes_to_base64url(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response | more})
