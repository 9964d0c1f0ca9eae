"""PowerPoint through the real LibreOffice; what a presentation may not do there."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import pypdfium2  # type: ignore[import-untyped] # ships no types
import pytest
from PIL import Image

from classroom.slides.commands import rendering
from classroom.slides.commands.rendering import RefusedError, converted
from tests.classroom.slides.presentations import presentation

PICTURE: Final = (
    '<p:pic><p:nvPicPr><p:cNvPr id="5" name="x"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:link="rId9"/>'
    '<a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr><a:xfrm><a:off x="0" y="0"/>'
    '<a:ext cx="4000000" cy="3000000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
)


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    folder = tmp_path / "workshop"
    folder.mkdir()
    return folder


def source(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "source.pptx"
    file.write_bytes(content)
    return file


@pytest.mark.slow
def test_slides_keep_their_order_their_shape_and_their_vietnamese(tmp_path: Path, workshop: Path) -> None:
    slides = ("Quang hợp nhả ra ô-xi", "Lá cây hút các-bô-níc")
    made = converted(source(tmp_path, presentation(*slides)), workshop)
    said = list(rendering.pages_drawn(made, workshop))
    assert [one["text"] for one in said] == list(slides)
    assert {one["high"] for one in said} == {1152}, "16:9"
    assert min(file.name for file in workshop.glob("*.webp")) == "0001-l.webp"


def reds(pdf: Path) -> int:
    page = pypdfium2.PdfDocument(str(pdf))[0].render(scale=0.2).to_pil().convert("RGB")
    return sum(count for count, (r, g, b) in page.getcolors(10**6) if r > 200 and g < 80 and b < 80)


@pytest.mark.slow
@pytest.mark.parametrize("guarded", [True, False])
def test_a_presentation_shows_no_file_of_the_machine(
    tmp_path: Path,
    workshop: Path,
    monkeypatch: pytest.MonkeyPatch,
    guarded: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """It may name one by a link; without the profile's settings the picture would be on the slide."""
    secret = tmp_path / "secret.png"
    Image.new("RGB", (400, 300), (255, 0, 0)).save(secret)
    if not guarded:
        monkeypatch.setattr(rendering, "_SECURITY", {})
    file = source(tmp_path, presentation("Xin chào", more=PICTURE, link=secret.as_uri()))
    assert (reds(converted(file, workshop)) > 0) is not guarded


@pytest.mark.slow
def test_what_is_no_presentation_is_refused(tmp_path: Path, workshop: Path) -> None:
    with pytest.raises(RefusedError):
        converted(source(tmp_path, b"PK\x03\x04" + bytes(range(256)) * 8), workshop)


def test_one_that_takes_too_long_is_ended_with_all_that_it_started(
    tmp_path: Path, workshop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, started = tmp_path / "soffice", tmp_path / "started"
    office.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {started}\nwait\n")
    office.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(rendering, "CONVERT_WITHIN", 1)
    with pytest.raises(RefusedError):
        converted(source(tmp_path, presentation("x")), workshop)
    child = int(started.read_text())
    for _ in range(50):
        if not _runs(child):
            break
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
