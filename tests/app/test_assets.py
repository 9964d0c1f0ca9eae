"""A page links to what Vite built: styles first, each file once, and a clear word when nothing is built."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from app import assets

if TYPE_CHECKING:
    from pathlib import Path

BUILT: dict[str, dict[str, object]] = {
    "app/frontend/site.entry.ts": {
        "file": "assets/site.entry-1a.js",
        "isEntry": True,
        "imports": ["_text-2b.js"],
        "css": ["assets/site-3c.css"],
    },
    "attendance/registers/frontend/sheet.entry.tsx": {
        "file": "assets/sheet.entry-4d.js",
        "isEntry": True,
        "imports": ["_text-2b.js", "_island-5e.js"],
        "css": ["assets/sheet-6f.css"],
    },
    "_text-2b.js": {"file": "assets/text-2b.js"},
    "_island-5e.js": {
        "file": "assets/island-5e.js",
        "imports": ["_text-2b.js"],
        "css": ["assets/island-7a.css"],
    },
    "app/frontend/icons.svg": {"file": "assets/icons-8b.svg"},
}


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built front end in a folder of its own; gives the manifest's path."""
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(BUILT), encoding="utf-8")
    monkeypatch.setattr(assets, "MANIFEST", path)
    return path


@pytest.mark.usefixtures("manifest")
def test_an_entry_brings_its_styles_its_chunks_and_its_script_in_that_order() -> None:
    assert assets.asset_tags("attendance/registers/frontend/sheet.entry.tsx").splitlines() == [
        '<link rel="stylesheet" href="/static/dist/assets/island-7a.css">',
        '<link rel="stylesheet" href="/static/dist/assets/sheet-6f.css">',
        '<link rel="modulepreload" href="/static/dist/assets/text-2b.js">',
        '<link rel="modulepreload" href="/static/dist/assets/island-5e.js">',
        '<script type="module" src="/static/dist/assets/sheet.entry-4d.js"></script>',
    ]


@pytest.mark.usefixtures("manifest")
def test_a_single_file_is_found_by_its_source_path() -> None:
    assert assets.asset_url("app/frontend/icons.svg") == "/static/dist/assets/icons-8b.svg"


@pytest.mark.usefixtures("manifest")
def test_an_unknown_path_and_a_file_that_is_no_entry_are_named() -> None:
    with pytest.raises(assets.AssetError, match="frontend/nothing"):
        assets.asset_tags("app/frontend/nothing.entry.ts")
    with pytest.raises(assets.AssetError, match="not an entry"):
        assets.asset_tags("app/frontend/icons.svg")


def test_an_unbuilt_front_end_says_what_to_run(manifest: Path) -> None:
    manifest.unlink()
    with pytest.raises(assets.AssetError, match="make setup"):
        assets.asset_tags("app/frontend/site.entry.ts")


def test_a_new_build_is_noticed(manifest: Path) -> None:
    assert assets.asset_url("app/frontend/icons.svg").endswith("icons-8b.svg")
    rebuilt = {"app/frontend/icons.svg": {"file": "assets/icons-9c.svg"}}
    manifest.write_text(json.dumps(rebuilt), encoding="utf-8")
    later = manifest.stat().st_mtime_ns + 1_000_000_000
    os.utime(manifest, ns=(later, later))
    assert assets.asset_url("app/frontend/icons.svg").endswith("icons-9c.svg")
