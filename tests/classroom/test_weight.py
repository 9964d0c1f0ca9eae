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
AT_ONCE: Final = 30_000
"""Bytes of scripts and styles, compressed, besides the style sheet of the stage."""
AFTER: Final = 2_500
ON_REQUEST: Final = 3_000
"""What a lesson with slides, pictures or drawings fetches besides; the stroke under the pen is in it (ADR 74)."""
ENGLISH: Final = 5_900
"""Guests have words of their own since ADR 131, some 200 bytes of them."""
TYPEFACE: Final = 22_000
"""One weight in the two subsets that a Vietnamese page needs. With it, the page itself and its icons a pupil's page
stays below 80 kB, an English one below 85 kB (ADR 80); what may be added is a decision."""

FORMULAS: Final = 17_500
"""The typeface that comes with the first formula: a page with formulas stays below 100 kB (ADR 90)."""


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
    assert not [name for name in at_once if "maths" in name], "no formula costs a file"
    for part in RARE:
        fetched = set(files_of(manifest, part, set())) - at_once
        assert 0 < weight(fetched) < ON_REQUEST
    english = next(key for key in manifest if key.endswith("classroom/translations/en.json"))
    assert manifest[english]["file"] not in at_once, "a Vietnamese page pays for no English"
    assert weight({manifest[english]["file"]}) < ENGLISH
    assert weight(set(files_of(manifest, STAGE, set()))) < 6_500


def test_the_typeface_comes_without_hints() -> None:
    found = [
        path.stat().st_size
        for subset in ("latin", "vietnamese")
        for path in (DIST / "assets").glob(f"be-vietnam-pro-{subset}-400-*.woff2")
    ]
    assert len(found) == 2
    assert sum(found) < TYPEFACE


def test_formulas_cost_one_typeface() -> None:
    (found,) = (DIST / "assets").glob("noto-sans-math-*.woff2")
    assert found.stat().st_size < FORMULAS
