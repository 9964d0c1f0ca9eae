"""A pupil's page stays light: what it loads at once and what it fetches after, as the build made them."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

DIST: Final = ROOT / "app" / "static" / "dist"
PUPIL: Final = "classroom/seats/frontend/pupil.entry.tsx"
BESIDE: Final = "classroom/seats/frontend/beside.tsx"
RARE: Final = ("classroom/activities/frontend/drawing.tsx", "classroom/slides/frontend/on-device.tsx")
"""What is fetched only when it is shown."""
STAGE: Final = "app/frontend/stage.entry.ts"
AT_ONCE: Final = 42_000
"""Bytes of scripts and styles, compressed, besides the style sheet of the stage; with one weight of the typeface
(33 kB), the page and its icons that leaves the join page below 100 kB."""
AFTER: Final = 2_500


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    file = DIST / ".vite" / "manifest.json"
    assert file.exists(), "npm run build makes it"
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def files_of(manifest: dict[str, Any], key: str, known: set[str]) -> Iterator[str]:
    """Everything that an entry loads at once: its own file, its styles, and what it imports."""
    if key in known:
        return
    known.add(key)
    row = manifest[key]
    yield row["file"]
    yield from row.get("css", ())
    for other in row.get("imports", ()):
        yield from files_of(manifest, other, known)


def weight(names: set[str]) -> int:
    return sum(len(gzip.compress((DIST / name).read_bytes(), 6)) for name in names)


def test_a_pupils_page_weighs_what_it_may(manifest: dict[str, Any]) -> None:
    at_once = set(files_of(manifest, PUPIL, set()))
    assert weight(at_once) < AT_ONCE
    after = set(files_of(manifest, BESIDE, set())) - at_once
    assert weight(after) < AFTER
    for part in RARE:
        fetched = set(files_of(manifest, part, set())) - at_once
        assert 0 < weight(fetched) < AFTER
    english = next(key for key in manifest if key.endswith("classroom/translations/en.json"))
    assert manifest[english]["file"] not in at_once, "a Vietnamese page pays for no English"
    assert weight(set(files_of(manifest, STAGE, set()))) < 6_500
