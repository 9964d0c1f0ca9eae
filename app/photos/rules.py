"""Who switches, keeps and sees photographs of pupils, and how one is kept. Nothing here recognises anybody, ever."""

from __future__ import annotations

from typing import Final

from app.access import Permission, Role, everywhere, own_class
from app.errors import InvalidError
from app.i18n import N_, say
from app.pictures import PictureForm, small_picture

SWITCH_PHOTOS: Final = Permission("photos.switch", everywhere(Role.PRINCIPAL))
SEE_PHOTO_SWITCH: Final = Permission("photos.switches", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
KEEP_PHOTOS: Final = Permission("photos.keep", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
VIEW_PHOTOS: Final = Permission(
    "photos.view",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER),
)
"""Who teaches the class: a face beside a name is for who must know whom they call."""
LONGEST_REASON: Final = 300
TALL: Final = 160
"""Pixels of a kept photograph's height: enough to know somebody by, not enough to print."""
MOST_BYTES: Final = 8 * 1024 * 1024
MOST_MEGABYTES: Final = MOST_BYTES // 1024 // 1024


def kept_photo(content: bytes) -> bytes:
    """Return a photograph as it is kept: 120 x 160 pixels of WebP. Native work: call it through `app.jobs.offload`.

    Raises InvalidError for nothing, too much, or what is no picture.
    """
    if not content:
        raise InvalidError(N_("Hãy chọn một ảnh."))
    if len(content) > MOST_BYTES:
        raise InvalidError(say("Ảnh lớn hơn %(most)s MB.", most=MOST_MEGABYTES))
    return small_picture(content, TALL, PictureForm.WEBP, portrait=True)
