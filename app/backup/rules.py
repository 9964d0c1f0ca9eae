"""What a backup is made of, and what says that it is whole. Pure but for reading files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MANIFEST: Final = "backup.json"
FILES: Final = "files"
DATABASES: Final = {"sqlite": "bangxanh.db", "postgresql": "bangxanh.dump"}
OWN_DATABASE: Final = ("bangxanh.db", "bangxanh.db-wal", "bangxanh.db-shm")
REMADE: Final = ("templates", "logs", "queue.db", "queue.db-wal", "queue.db-shm")
HUB_BESIDE: Final = "hub"
"""The demonstration's hub, an installation of its own."""
NOT_COPIED: Final = {*OWN_DATABASE, *REMADE, HUB_BESIDE}
"""What a backup leaves in the instance folder: saved as a database, or made again by the next start."""


class BackupError(Exception):
    """A backup cannot be taken or brought back; the message says why, for whoever sits at the command line."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies in a backup: kind of database and its revision, rows of each table, SHA-256 of each file."""

    taken_at: str
    database: str
    revision: str
    rows: Mapping[str, int]
    files: Mapping[str, str]

    def as_text(self) -> str:
        """Return what is written beside the files."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def read_manifest(text: str) -> Manifest:
    """Return the manifest of a backup; raise BackupError when the text is none."""
    try:
        told: dict[str, Any] = json.loads(text)
        return Manifest(**told)
    except (ValueError, TypeError) as error:
        message = say("%(file)s không phải của một bản sao lưu", file=MANIFEST)
        raise BackupError(message) from error


def kept_files(instance: Path) -> Iterator[Path]:
    """Yield every file of the instance folder that a backup holds."""
    for path in sorted(instance.rglob("*")):
        if path.is_file() and path.relative_to(instance).parts[0] not in NOT_COPIED:
            yield path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def faults_of(folder: Path, manifest: Manifest) -> list[str]:
    """Return the names of what a backup lacks or holds in another state than when it was taken."""
    return [
        name
        for name, expected in manifest.files.items()
        if not (folder / name).is_file() or sha256_of(folder / name) != expected
    ]
