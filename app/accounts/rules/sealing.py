"""Sealing what must be read again but not lie open in the database: authenticator secrets, slips not yet printed."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SALT: Final = b"bangxanh.accounts.sealing.1"


class Sealer:
    """Seals and opens texts and files under a key derived (HKDF, RFC 5869) from the installation's SECRET_KEY."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        key = HKDF(SHA256(), 32, _SALT, purpose.encode()).derive(secret_key.encode())
        self._key = key
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        """Return the text encrypted and authenticated (Fernet: AES-128-CBC with HMAC-SHA-256)."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return the text, None when it was sealed under another key or changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def seal_bytes(self, content: bytes) -> bytes:
        """Return a file's content encrypted and authenticated, as texts are; a third longer than it was."""
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes | None:
        """Return the content, None when it was sealed under another key or changed."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None

    def digest(self, text: str) -> str:
        """Return a keyed hash (HMAC-SHA-256, hexadecimal) to find a short code again without storing it."""
        return hmac.new(self._key, text.encode(), sha256).hexdigest()
