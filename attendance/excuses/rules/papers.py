"""Papers that come with an excuse: a doctor's note as a photo or a PDF. Known by their bytes, never by their names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import say
from app.pictures import PictureForm, form_of, small_picture
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_FILES: Final = 3
MOST_BYTES: Final = 5 * 1024 * 1024
MOST_MEGABYTES: Final = MOST_BYTES // 1024 // 1024
LONGEST_SIDE: Final = 2000
"""Pixels of a kept photo: an A4 page is still read at 170 dots an inch."""
LONGEST_NAME: Final = 80
PDF_BEGINS: Final = b"%PDF-"


class PaperKind(StrEnum):
    """What is kept. Photos of every form are written anew as JPEG."""

    JPEG = "jpeg"
    PDF = "pdf"


MIME_TYPES: Final = {PaperKind.JPEG: "image/jpeg", PaperKind.PDF: "application/pdf"}


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent, read up to a byte more than may be."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as it is kept; `sha256` is of what was sent, so that the same file again is known."""

    name: str
    kind: PaperKind
    content: bytes
    sha256: str


def checked(files: Sequence[SentFile], present: int = 0) -> tuple[Paper, ...]:
    """Return what is kept of the files beside those already `present`; raise InvalidError naming what is wrong.

    Decodes photos: call it through `app.jobs.offload`.
    """
    require_room(present + len(files))
    return tuple(_paper(one) for one in files)


def require_room(count: int) -> None:
    """Raise InvalidError when so many files are too many for an excuse."""
    if count > MOST_FILES:
        raise _invalid(say("Mỗi đơn kèm nhiều nhất %(most)s tệp.", most=MOST_FILES))


def _paper(sent: SentFile) -> Paper:
    name = clean_text(sent.name).strip()[-LONGEST_NAME:]
    if len(sent.content) > MOST_BYTES:
        raise _invalid(say("Tệp “%(name)s” lớn hơn %(most)s MB.", name=name, most=MOST_MEGABYTES))
    digest = hashlib.sha256(sent.content).hexdigest()
    if sent.content.startswith(PDF_BEGINS):
        return Paper(name, PaperKind.PDF, sent.content, digest)
    if form_of(sent.content) is None:
        raise _invalid(say("Tệp “%(name)s” không phải ảnh JPEG, PNG, WebP hay PDF.", name=name))
    try:
        content = small_picture(sent.content, LONGEST_SIDE, PictureForm.JPEG)
    except InvalidError as error:
        raise InvalidError(error.message, {"files": error.message}) from error
    return Paper(name, PaperKind.JPEG, content, digest)


def _invalid(words: str) -> InvalidError:
    return InvalidError(words, {"files": words})


def last_kept_before(today: date, days: int) -> date:
    """Return the day before which an excuse must have ended for its papers to be deleted after `days` days.

    >>> last_kept_before(date(2026, 10, 31), 30)
    datetime.date(2026, 10, 1)
    """
    return today - timedelta(days=days)
