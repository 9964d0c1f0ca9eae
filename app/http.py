"""HTTP, once for everybody: who acts, the gate before every view, and what a request says of its reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, current_app, g, has_app_context, has_request_context, request, url_for
from flask_babel import get_locale, get_translations
from werkzeug.routing import IntegerConverter

from app import db
from app.access import Actor, Gate, Route
from app.errors import ConflictError, InvalidError, NotFoundError, SignedOutError
from app.i18n import LANGUAGES, SOURCE_LANGUAGE, Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from babel import Locale
    from babel.support import NullTranslations as Translations
    from flask_wtf import FlaskForm
    from werkzeug.routing import Map

SAFE_PATH: Final = re.compile(r"/(?!/)[^\x00-\x20\\\x7f]*")
LARGEST_ID: Final = 2**31 - 1
LANGUAGE_COOKIE: Final = "bx_lang"


class Door:
    """The gate: it knows every endpoint's row of the permission table, and lets nothing pass without one."""

    def __init__(
        self,
        routes: Iterable[Route],
        find_actor: Callable[[], Actor | None],
        check_factor: Callable[[Actor, str], None],
    ) -> None:
        self.routes = {(route.endpoint, method): route for route in routes for method in route.methods}
        self._find_actor = find_actor
        self._check_factor = check_factor

    def check_complete(self, app: Flask) -> None:
        """Raise RuntimeError when an endpoint and method has no row, or a row has no endpoint."""
        known = {
            (rule.endpoint, method)
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        if missing := known - set(self.routes):
            message = f"no row in the permission table for {sorted(missing)}"
            raise RuntimeError(message)
        if unused := set(self.routes) - known:
            message = f"rows of the permission table without an endpoint: {sorted(unused)}"
            raise RuntimeError(message)

    def open(self) -> None:
        """Run before every view: find the actor, and refuse who could not do this anywhere."""
        g.actor = None
        if request.endpoint is None:
            return
        method = "GET" if request.method == "HEAD" else request.method
        route = self.routes.get((request.endpoint, method))
        if route is None:
            raise NotFoundError
        if route.permission.gate is Gate.CAPABILITY:
            return
        g.actor = self._find_actor()
        if route.permission.gate is Gate.PUBLIC:
            return
        if g.actor is None:
            raise SignedOutError
        g.actor.require_somewhere(route.permission)
        if route.fresh_factor:
            self.ask_for_factor()

    def ask_for_factor(self) -> None:
        """Raise StaleFactorError unless whoever asks gave a second factor on this device a short while ago."""
        self._check_factor(current_actor(), request.endpoint or "")


def current_actor() -> Actor:
    """Return who acts in this request; raise SignedOutError when nobody is signed in."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise SignedOutError
    return actor


def server_address() -> str:
    """Return where programs and devices reach this installation: its public address, else as it was asked for."""
    address: str = current_app.extensions["bangxanh.settings"].public_url or request.host_url.rstrip("/")
    return address


def translations() -> Translations:
    """Return the words of the reader's language, looked up once a request: a page asks a thousand times."""
    locale = get_locale()
    kept: tuple[Locale | None, Translations] | None = g.get("translations") if has_app_context() else None
    if kept is not None and kept[0] is locale:
        return kept[1]
    found: Translations = get_translations()
    if has_app_context():
        g.translations = (locale, found)
    return found


def translate(message: str) -> str:
    """Return a message in the reader's language; phrases carry their parameters, marked literals have none."""
    if isinstance(message, Phrase):
        words = str(translations().ugettext(message.msgid))
        return words % message.params if message.params else words
    return str(translations().ugettext(message)) if message else ""


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def wants_json() -> bool:
    """Whether the caller is a program or an island rather than a person reading a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.is_json or (best == "application/json" and not is_fragment())


def language() -> str:
    """Return the reader's language: the cookie's, else Vietnamese, whatever the browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE) if has_request_context() else None
    return chosen if chosen in LANGUAGES else SOURCE_LANGUAGE


def safe_next(target: str | None) -> str:
    """Return a path of this site to go on to; anything that would leave the site becomes the home page."""
    return target if target and SAFE_PATH.fullmatch(target) else url_for("home.index")


class RowId(IntegerConverter):
    """An id in a URL; one beyond the column's range is not found instead of an error of the database."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:  # noqa: ANN401 - werkzeug's signature
        super().__init__(url_map, *args, **({"max": LARGEST_ID} | options))


def tried(form: FlaskForm, act: Callable[[], object]) -> bool:
    """Do it; what a rule refuses is told in the form, at its fields or above them, and False returned."""
    try:
        act()
    except InvalidError as error:
        db.session().rollback()
        for name, why in error.fields.items():
            form[name].errors = [translate(why)]
        return False
    except ConflictError as error:
        db.session().rollback()
        form.form_errors.append(translate(error.message))
        return False
    return True
