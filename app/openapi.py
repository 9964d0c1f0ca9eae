"""One OpenAPI 3.1 document of everything that programs may ask: each feature hands over its part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

_PARTS: Final = "bangxanh.openapi"
ADDRESS: Final = "/api/v1/openapi.json"
"""Where every installation tells it."""


def describes(part: Mapping[str, Any]) -> Callable[[Flask], None]:
    """Return a feature's `setup` that adds its part (`paths`, `components`) to the document of the application."""

    def add(app: Flask) -> None:
        app.extensions.setdefault(_PARTS, []).append(part)

    return add


def document(app: Flask) -> dict[str, Any]:
    """Return the whole document."""
    parts: list[Mapping[str, Any]] = app.extensions.get(_PARTS, [])
    schemes: dict[str, Any] = {}
    for part in parts:
        for name, scheme in part.get("components", {}).get("securitySchemes", {}).items():
            schemes[name] = _together(schemes.get(name, {}), scheme)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bảng Xanh",
            "version": "1.0.0",
            "description": "Registers and marks, what gates send, and protected figures. All lists are paged whole.",
        },
        "paths": {path: item for part in parts for path, item in part["paths"].items()},
        "components": {"securitySchemes": schemes},
    }


def _together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return two schemes of one name as one: what both say of the same thing, such as scopes, is put together."""
    return {**one, **other} | {
        name: _together(one[name], other[name])
        for name in one.keys() & other.keys()
        if isinstance(one[name], dict) and isinstance(other[name], dict)
    }
