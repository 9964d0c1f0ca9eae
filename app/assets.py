"""The built front end: which files an entry needs, read from the manifest that Vite writes.

Templates call `asset_tags` for an entry and `asset_url` for a single file; nothing else knows hashed names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BASE_URL: Final = "/static/dist/"
MANIFEST: Final = Path(__file__).parent / "static" / "dist" / ".vite" / "manifest.json"


class AssetError(RuntimeError):
    """The front end is not built, or has no such entry. Meant for whoever runs the server, not for a reader."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One built file, the chunks it imports and the style sheets that belong to it."""

    file: str
    imports: tuple[str, ...] = ()
    css: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    is_entry: bool = False

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """Read a chunk as Vite writes it."""
        return cls(
            file=str(raw["file"]),
            imports=_texts(raw.get("imports")),
            css=_texts(raw.get("css")),
            assets=_texts(raw.get("assets")),
            is_entry=bool(raw.get("isEntry")),
        )


def asset_url(path: str) -> str:
    """Return the address of a built file by its source path, such as `app/frontend/icons.svg`.

    Raises AssetError when the front end is not built or has no such file.
    """
    return BASE_URL + _chunk(_manifest(), path).file


def asset_files(*entries: str) -> list[str]:
    """Return the addresses of everything that pages with these entries load: scripts, style sheets, fonts.

    Raises AssetError when the front end is not built or a path is not in it.
    """
    chunks = _manifest()
    parts = [
        part for entry in entries for part in (*_imported(chunks, entry, {entry}), _chunk(chunks, entry))
    ]
    names = [name for part in parts for name in (part.file, *part.css, *part.assets)]
    return [BASE_URL + name for name in dict.fromkeys(names)]


def asset_text(path: str) -> str:
    """Return what is in a built file by its source path; raise AssetError when there is none."""
    return (MANIFEST.parent.parent / _chunk(_manifest(), path).file).read_text(encoding="utf-8")


def asset_tags(entry: str) -> Markup:
    """Return the style sheets, preloads and module script of an entry, such as `app/frontend/site.entry.ts`.

    The style sheets come first: of the entry and of every chunk that it imports, each once.
    Raises AssetError when the front end is not built or the path is not an entry.
    """
    chunks = _manifest()
    chunk = _chunk(chunks, entry)
    if not chunk.is_entry:
        message = f"{entry} is not an entry: only *.entry.ts(x) files are built as pages"
        raise AssetError(message)
    imported = list(_imported(chunks, entry, {entry}))
    sheets = dict.fromkeys(name for part in (*imported, chunk) for name in part.css)
    lines = [Markup('<link rel="stylesheet" href="{}">').format(BASE_URL + name) for name in sheets]
    lines += [
        Markup('<link rel="modulepreload" href="{}">').format(BASE_URL + part.file) for part in imported
    ]
    lines.append(Markup('<script type="module" src="{}"></script>').format(BASE_URL + chunk.file))
    return Markup("\n").join(lines)


def _imported(chunks: Mapping[str, Chunk], name: str, seen: set[str]) -> Iterator[Chunk]:
    """Yield every chunk below `name`, what is needed first before what needs it."""
    for child in chunks[name].imports:
        if child not in seen:
            seen.add(child)
            yield from _imported(chunks, child, seen)
            yield chunks[child]


def _chunk(chunks: Mapping[str, Chunk], path: str) -> Chunk:
    try:
        return chunks[path]
    except KeyError:
        message = f"{path} is not in the built front end: run `make setup` (or check the path)"
        raise AssetError(message) from None


def _manifest() -> Mapping[str, Chunk]:
    """Read the manifest once, and again when a new build has replaced it."""
    try:
        changed = MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        message = "The front end is not built: run `make setup`"
        raise AssetError(message) from None
    return _read_manifest(MANIFEST, changed)


@lru_cache(maxsize=1)
def _read_manifest(path: Path, changed: int) -> Mapping[str, Chunk]:
    """Parse the manifest; `changed` is its time of change, so that a new build is a new key."""
    del changed
    return {name: Chunk.parse(raw) for name, raw in json.loads(path.read_text(encoding="utf-8")).items()}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
