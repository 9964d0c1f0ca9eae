"""Pictures that people send: decoded with limits, turned upright, made small, written anew without anything else.

A photograph from a phone says where and when it was taken, and with what; none of that is kept. Nothing here looks at
what a picture shows.
"""

from __future__ import annotations

import warnings
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import InvalidError
from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_PIXELS: Final = 40_000_000
"""What a good phone's camera takes. A small file may claim more, to fill the memory of who decodes it."""
MOST_DECODED: Final = 12_000_000
"""The same for forms that are decoded whole before they can be made small: 40 million took up to 970 MB."""
QUALITY: Final = 82


class PictureForm(StrEnum):
    """The forms in which pictures are taken in."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


MIME_TYPES: Final[Mapping[PictureForm, str]] = {form: f"image/{form}" for form in PictureForm}


def form_of(content: bytes) -> PictureForm | None:
    """Return the form of a picture by its first bytes, whatever its name or sender says; None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return PictureForm.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureForm.PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return PictureForm.WEBP
    return None


def small_picture(content: bytes, longest: int, into: PictureForm, *, portrait: bool = False) -> bytes:
    """Return a picture anew with its longer side `longest` pixels at most; `portrait` cuts it to 3:4 first.

    Native code of some tenths of a second for a photograph: call it through `app.jobs.offload`. Raises InvalidError for
    what is no picture of a known form, is broken, or claims too many pixels.
    """
    if form_of(content) is None:
        raise InvalidError(say("Tệp không phải là ảnh JPEG, PNG hay WebP."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _anew(content, longest, into, portrait=portrait)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(MOST_DECODED) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise InvalidError(say("Không đọc được ảnh. Hãy chụp lại hoặc chọn tệp khác.")) from error


def _anew(content: bytes, longest: int, into: PictureForm, *, portrait: bool) -> bytes:
    with Image.open(BytesIO(content), formats=[form.upper() for form in PictureForm]) as found:
        most = MOST_PIXELS if found.format == PictureForm.JPEG.upper() else MOST_DECODED
        if found.width * found.height > most:
            raise _too_large(most)
        found.draft("RGB", (longest * 2, longest * 2))  # a JPEG is decoded at a fraction of its size
        found.thumbnail((longest * 2, longest * 2))  # small before it is turned and laid on white
        upright = ImageOps.exif_transpose(found)
        plain = Image.new("RGB", upright.size, "white")
        shown = upright.convert("RGBA")
        plain.paste(shown, mask=shown.getchannel("A"))
    if portrait:
        plain = ImageOps.fit(plain, (longest * 3 // 4, longest))
    plain.thumbnail((longest, longest))
    out = BytesIO()
    plain.save(out, into.upper(), quality=QUALITY)
    return out.getvalue()


def _too_large(most: int) -> InvalidError:
    return InvalidError(say("Ảnh quá lớn: nhiều nhất %(most)s triệu điểm ảnh.", most=most // 1_000_000))
