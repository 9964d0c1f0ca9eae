"""The installation's signing keys, kept as files in the instance folder, readable by its own account only.

Keys are numbered; the highest number signs. The next key is prepared first and its public half given to the hub, then
it takes over, then the hub withdraws the old one: rotation never has to happen on both sides at once.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app.errors import ConflictError
from app.i18n import say
from reports.signatures.rules import SigningKey, fingerprint

FOLDER: Final = "keys"
PATTERN: Final = "hub-*.pem"


def signing_key(instance: Path) -> SigningKey:
    """Return the key that signs, making the first one on first need; two processes agree on one."""
    newest = _newest(instance)
    if newest is None:
        _create(instance / FOLDER / "hub-0001.pem")
        newest = _newest(instance)
    if newest is None:
        message = f"no signing key could be made in {instance / FOLDER}"
        raise RuntimeError(message)
    return _read(newest)


def prepare_key(instance: Path) -> SigningKey:
    """Return the key that will sign next, making it on first call; it signs nothing yet."""
    number = _number_of_current(instance) + 1
    path = instance / FOLDER / f"hub-{number:04d}.next"
    if not path.exists():
        _create(path)
    return _read(path)


def rotate_key(instance: Path) -> SigningKey:
    """Let the prepared key sign from now on and return it; the hub must know its public half already.

    Raises ConflictError where none was prepared: nobody can have given that one to the hub.
    """
    number = _number_of_current(instance) + 1
    prepared = instance / FOLDER / f"hub-{number:04d}.next"
    try:
        prepared.rename(prepared.with_suffix(".pem"))
    except FileNotFoundError as error:
        raise ConflictError(
            say("Chưa có khóa kế tiếp. Hãy in khóa ấy (--next) và đưa cho kho dữ liệu trước.")
        ) from error
    return signing_key(instance)


def known_keys(instance: Path) -> list[SigningKey]:
    """Return all keys of this installation, the one that signs first."""
    return [_read(path) for path in sorted((instance / FOLDER).glob(PATTERN), key=_number, reverse=True)]


def _newest(instance: Path) -> Path | None:
    return max((instance / FOLDER).glob(PATTERN), key=_number, default=None)


def _number(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def _number_of_current(instance: Path) -> int:
    newest = _newest(instance)
    return _number(newest) if newest else 0


def _create(path: Path) -> None:
    """Write a key completely, then give it its name in one step; whoever comes second keeps the first one's."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle, name = tempfile.mkstemp(dir=folder)  # created with mode 0600
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)
        except FileExistsError:
            return
    finally:
        unfinished.unlink()


def _read(path: Path) -> SigningKey:
    private = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        message = f"{path} does not hold an Ed25519 key"
        raise TypeError(message)
    return SigningKey(fingerprint(private.public_key()), private)
