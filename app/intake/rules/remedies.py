"""What a person may do about a file that could not be read as it is, and its form in storage."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from app.intake.rules.rows import LegacyFontError, MissingColumnsError
from app.text import LegacyEncoding

if TYPE_CHECKING:
    from app.intake.rules.rows import UnreadableFileError

MOST_HEADINGS: Final = 60


@dataclass(frozen=True, slots=True)
class Remedy:
    """Headings that the person may explain, or an old encoding to convert from with samples (before, after)."""

    headings: tuple[str, ...] = ()
    encoding: LegacyEncoding | None = None
    samples: tuple[tuple[str, str], ...] = ()


def remedy_of(error: UnreadableFileError) -> Remedy | None:
    """Return what can be done about a refusal inside this program, None when the file itself must be mended."""
    if isinstance(error, MissingColumnsError) and error.headings:
        return Remedy(headings=error.headings[:MOST_HEADINGS])
    if isinstance(error, LegacyFontError) and error.encoding is not None and error.samples:
        return Remedy(encoding=error.encoding, samples=error.samples)
    return None


def remedy_to_json(remedy: Remedy) -> str:
    """Return a remedy as JSON text."""
    return json.dumps(asdict(remedy), ensure_ascii=False)


def remedy_from_json(text: str) -> Remedy:
    """Return the remedy that `remedy_to_json` wrote."""
    said = json.loads(text)
    return Remedy(
        headings=tuple(said["headings"]),
        encoding=LegacyEncoding(said["encoding"]) if said["encoding"] else None,
        samples=tuple((before, after) for before, after in said["samples"]),
    )
