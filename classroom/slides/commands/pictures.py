"""A picture for a question: made into a file of one page, which then goes the way of every presentation."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Final

from PIL import Image

from app.pictures import PictureForm, small_picture
from classroom.slides.commands.drawing import LARGE

WIDEST, TALLEST = 3.9, 1.85
"""A little within what a page may be (see `drawing`): a strip gets a margin of white."""
_ALWAYS: Final = time.gmtime(0)
"""The same picture is the same file, whenever it comes: it is drawn and kept once."""


def page_of_picture(content: bytes) -> bytes:
    """Return a PDF of one page with the picture, decoded, turned upright and written anew by `app.pictures`.

    Native code of some tenths of a second: call it through `app.jobs.offload`. Raises InvalidError for what is broken.
    """
    with Image.open(BytesIO(small_picture(content, LARGE, PictureForm.PNG))) as picture:
        page = _with_margin(picture)
    out = BytesIO()
    page.save(out, "PDF", resolution=72, quality=90, creationDate=_ALWAYS, modDate=_ALWAYS)
    return out.getvalue()


def _with_margin(picture: Image.Image) -> Image.Image:
    """Return the picture on a page of a shape that can be shown."""
    wide = max(picture.width, round(picture.height / TALLEST))
    high = max(picture.height, round(picture.width / WIDEST))
    page = Image.new("RGB", (wide, high), "white")
    page.paste(picture, ((wide - picture.width) // 2, (high - picture.height) // 2))
    return page
