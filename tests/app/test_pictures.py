"""Pictures that people send: known by their bytes, limited, upright, small, and without what a camera adds."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.errors import InvalidError
from app.pictures import PictureForm, form_of, small_picture


def photo(size: tuple[int, int] = (600, 400), form: str = "JPEG", turned: int = 1) -> bytes:
    """Return a picture, red on the left, with what a phone writes into it."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = turned, "Phone of Mrs Lan"
    exif.get_ifd(0x8825)[1] = "N"
    out = BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("form", PictureForm)
def test_a_photograph_becomes_small_upright_and_says_nothing_else(form: PictureForm) -> None:
    sent = photo(form=form.upper(), turned=6)
    assert form_of(sent) is form
    made = small_picture(sent, 160, PictureForm.WEBP)
    with Image.open(BytesIO(made)) as image:
        assert (image.format, image.size) == ("WEBP", (107, 160)), "turned as the camera said"
        assert dict(image.getexif()) == {}
        top = image.convert("RGB").getpixel((50, 10))
    assert isinstance(top, tuple)
    assert top[0] > 200 > top[2], "what was on the left is on top"
    assert b"Mrs Lan" not in made


def test_a_portrait_is_cut_to_three_by_four() -> None:
    with Image.open(BytesIO(small_picture(photo((900, 300)), 160, PictureForm.WEBP, portrait=True))) as image:
        assert image.size == (120, 160)


def png_that_claims(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


@pytest.mark.parametrize("side", [4_000, 7_000, 12_000, 60_000])
def test_a_flood_of_pixels_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(InvalidError, match="quá lớn"):
        small_picture(png_that_claims(side, side), 160, PictureForm.WEBP)


def test_what_is_no_picture_is_refused() -> None:
    for sent in (b"", b"%PDF-1.7", b"<svg/>", b"GIF89a" + bytes(40)):
        with pytest.raises(InvalidError, match="không phải là ảnh"):
            small_picture(sent, 160, PictureForm.WEBP)


@given(st.binary(max_size=60), st.integers(8, 900))
def test_a_broken_picture_is_refused_and_nothing_else_is_raised(noise: bytes, kept: int) -> None:
    for form in PictureForm:
        sent = photo((80, 60), form.upper())[:kept] + noise
        made = made_or_refused(sent)
        if made is not None:  # cut behind what matters: a picture as good as any
            with Image.open(BytesIO(made)) as image:
                assert (image.format, max(image.size)) == ("JPEG", 40)
    assert made_or_refused(b"\xff\xd8\xff" + noise) is None, "a beginning alone is no picture"


def made_or_refused(sent: bytes) -> bytes | None:
    """Return the picture made anew, None when it was refused; anything else that is raised is a fault."""
    try:
        return small_picture(sent, 40, PictureForm.JPEG)
    except InvalidError:
        return None
