"""Fitting an application with HTTP: the door, CSRF, languages, errors, headers, and what every template knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import request
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from app import headers, macros, menu, refusals
from app.http import Door, language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask import Flask

    from app.wiring import Companion, HomeCard, NavItem

_AS_FLASK: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_NON_STR_KEYS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
"""Dates, data classes and texts of a class of their own go to Flask's `default`, which writes them in its own way."""


class Csrf(CSRFProtect):  # type: ignore[misc] # Flask-WTF ships no types
    """Flask-WTF's check; the token of a header is taken before the body is looked through for one."""

    def _get_csrf_token(self) -> str | None:
        token: str | None = request.headers.get("X-CSRFToken")
        return token or super()._get_csrf_token()


csrf = Csrf()
babel = Babel()


class Json(DefaultJSONProvider):
    """Flask's JSON, in letters as people write them; what is nested too deeply to be read is no JSON."""

    ensure_ascii = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:  # noqa: ANN401 - Flask's signature
        """Write JSON, as a rule with the faster library: what that one does not know, Flask's own writes."""
        if kwargs.keys() <= {"separators"}:
            try:
                return orjson.dumps(obj, self.default, _AS_FLASK).decode()
            except TypeError:
                pass
        return super().dumps(obj, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 - Flask's signature
        """Read JSON; raise ValueError for what is none."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            message = "nested too deeply"
            raise ValueError(message) from error


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
    FlaskForm.Meta.wrap_formdata = _sent_fields
    csrf.init_app(app)
    babel.init_app(app, locale_selector=language)
    app.extensions["bangxanh.door"] = door
    app.extensions["bangxanh.home"] = tuple(sorted(home, key=lambda card: card.order))
    app.after_request(headers.add_headers)
    refusals.init_app(app)
    menu.init_app(app, nav, companions, site)
    macros.init_app(app)


def _sent_fields(meta: object, form: object, given: object) -> object:
    """Return what was sent, as the text that a browser's form sends; None when nothing was.

    Flask-WTF hands JSON to the fields as it came: a list, or a number where text is expected, would end in a 500.
    """
    del meta, form
    if given is None or isinstance(given, MultiDict | CombinedMultiDict):
        return given
    if request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
        return None
    if request.files:
        return CombinedMultiDict((request.files, request.form))  # type: ignore[misc] # files beside texts
    return request.form or MultiDict(_texts(request.get_json(silent=True))) or None


def _texts(sent: object) -> list[tuple[str, str]]:
    if not isinstance(sent, dict):
        return []
    several = ((name, value if isinstance(value, list) else [value]) for name, value in sent.items())
    return [
        (name, str(one)) for name, values in several for one in values if isinstance(one, str | int | float)
    ]
