"""A presentation as pure values: what may be uploaded, how large a page is drawn, which slides its pages become."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import orjson

from app.errors import InvalidError
from app.i18n import N_, say
from classroom.activities.rules import Content, Kind
from classroom.activities.rules.strokes import SLIDE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LARGEST_FILE: Final = 30 * 1024 * 1024
"""Bytes. The request's own limit lies a little above it."""
LARGEST_UNPACKED: Final = 400 * 1024 * 1024
"""Bytes of a PPTX once it is unpacked: what grows further is a bomb, not a lesson."""
MOST_DECKS: Final = 20
LONGEST_NAME: Final = 120


class Size(StrEnum):
    """The two pictures of every page: for the projector, and for a pupil's device."""

    LARGE = "l"
    SMALL = "s"


class FileState(StrEnum):
    """Where an uploaded file stands: its pages are being drawn, are there, or cannot be drawn."""

    DRAWING = "drawing"
    READY = "ready"
    REFUSED = "refused"


GONE: Final = "gone"
FAULTS: Final = {
    "encrypted": N_("Tệp PDF có mật khẩu. Hãy lưu lại không mật khẩu rồi tải lên."),
    "broken": N_("Không mở được tệp này. Hãy xuất lại ra PDF rồi tải lên."),
    "empty": N_("Tệp này không có trang nào."),
    "pages": N_("Tệp có quá nhiều trang. Hãy tách thành tệp nhiều nhất 200 trang."),
    "shape": N_("Có trang quá dài hoặc quá dẹt để chiếu. Hãy dùng khổ trang thông thường."),
    "slow": N_("Tệp này nặng quá, vẽ mãi không xong. Hãy giảm cỡ ảnh trong tệp rồi thử lại."),
    "converter": N_("Không chuyển được tệp PowerPoint này. Hãy lưu thành PDF rồi tải lên."),
    GONE: N_("Tệp đã bỏ khỏi kế hoạch quá 30 ngày nên máy đã xóa. Hãy tải lên lại."),
}
"""Why a file was refused, by the word that the drawing process says; `GONE` was let go of (commands/sweeping.py)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A drawn page: its height where the width is 2048, and the text on it."""

    high: int
    text: str


def suffix_of(name: str, content: bytes, *, takes_pptx: bool) -> str:
    """Return "pdf" or "pptx"; raise InvalidError for what is neither, is too large, or cannot be converted here.

    The content decides, not the name: a file's first bytes say what it is.
    """
    if len(content) > LARGEST_FILE:
        _refuse(say("Tệp lớn hơn %(most)s MB.", most=LARGEST_FILE // 1024**2))
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if not _is_pptx(content):
        _refuse(
            say(
                "“%(name)s” không phải tệp PDF hay hình JPEG, PNG, WebP. Hãy xuất ra PDF rồi tải lên.",
                name=name,
            )
        )
    if not takes_pptx:
        _refuse(say("Máy chủ này chỉ nhận PDF. Trong PowerPoint, chọn Tệp, Xuất, PDF rồi tải lên."))
    return "pptx"


def _is_pptx(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        _refuse(say("Tệp PowerPoint này quá lớn khi giải nén."))
    return any(entry.filename == "ppt/presentation.xml" for entry in entries)


def _refuse(message: str) -> None:
    raise InvalidError(message, {"file": message})


def stored_pages(pages: Iterable[Page]) -> str:
    """Return the form in which a file's pages are stored."""
    return orjson.dumps([{"high": page.high, "text": page.text} for page in pages]).decode()


def pages_of(stored: str) -> list[Page]:
    """Return the pages from their stored form."""
    plain: list[dict[str, Any]] = orjson.loads(stored)
    return [Page(one["high"], one["text"]) for one in plain]


def slides_of(sha256: str, pages: Sequence[Page]) -> list[Content]:
    """Return the slides that the pages of a file become; each keeps the file's hash, so it never changes."""
    return [
        Content(Kind.SLIDE, page.text, file=sha256, page=number, high=page.high)
        for number, page in enumerate(pages, 1)
    ]


def picture_name(page: int, size: Size) -> str:
    """Return the name of a page's picture within its file's folder."""
    return f"{page:04}-{size.value}.webp"


def shape_of(high: int) -> tuple[int, int]:
    """Return width and height of a page's ink: the grid on which its strokes lie."""
    return SLIDE_WIDTH, high
