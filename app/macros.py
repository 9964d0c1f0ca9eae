"""Macros whose text is remembered: `{{ remembered(row, url) }}` in a template instead of `{{ row(url) }}`.

A page of a province writes the same ninety rows again and again, and of these a register that was handed in changes
one. A macro that shows nothing but its arguments gives the same text for the same arguments, in the same language: so
it is kept under exactly these, and nothing can be out of date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from app.http import translations

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from flask import Flask
    from jinja2.runtime import Macro

MOST_KEPT: Final = 8_000
"""Texts of some 300 bytes to 2 kB; when there are more, all are forgotten."""


def init_app(app: Flask) -> None:
    """Give the templates of an application `remembered`."""
    app.jinja_env.globals["remembered"] = _remembering()


def _remembering() -> Callable[..., Markup]:
    kept: dict[Hashable, Markup] = {}

    def remembered(macro: Macro, *values: Hashable) -> Markup:
        """Return what a macro writes of some values, which must be all that it shows, each hashable and of one type."""
        # A template that was edited has other code, another template's macro of that name too.
        key = (macro._func.__code__, translations(), values)  # noqa: SLF001 - Jinja has no public name for it
        found = kept.get(key)
        if found is None:
            found = Markup(macro(*values))  # noqa: S704 - a macro of our templates has escaped what it writes
            if len(kept) >= MOST_KEPT:
                kept.clear()
            kept[key] = found
        return found

    return remembered
