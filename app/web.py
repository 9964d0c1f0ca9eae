"""Fitting an application with HTTP: the door, CSRF, languages, errors, headers, and what every template knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from app import headers, menu, refusals
from app.http import Door, language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask import Flask

    from app.wiring import Companion, HomeCard, NavItem

csrf = CSRFProtect()
babel = Babel()


def init_app(
    app: Flask,
    door: Door,
    *,
    nav: Iterable[NavItem],
    home: Iterable[HomeCard],
    companions: Sequence[Companion],
    site: Mapping[str, Any],
) -> None:
    """Fit the application with all of this module. The door stands before the CSRF check: signed out is said first."""
    app.before_request(door.open)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=language)
    app.extensions["bangxanh.door"] = door
    app.extensions["bangxanh.home"] = tuple(sorted(home, key=lambda card: card.order))
    app.after_request(headers.add_headers)
    refusals.init_app(app)
    menu.init_app(app, nav, companions, site)
