"""HTTP, once for everybody: who acts, the gate before every view, how errors are told, and the security headers."""

from __future__ import annotations

import re
from datetime import date, datetime
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import Babel, gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from app import clock, db
from app.access import Actor, Gate, Route
from app.errors import (
    BangXanhError,
    ConflictError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    SignedOutError,
    StaleFactorError,
)
from app.i18n import LANGUAGES, N_, SOURCE_LANGUAGE, Phrase
from app.jobs import current_jobs
from app.wiring import NAV_GROUP_NAMES, NavGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from werkzeug.routing import Map
    from werkzeug.wrappers import Response as BaseResponse

    from app.wiring import Companion, HomeCard, NavItem

csrf = CSRFProtect()
babel = Babel()
health = Blueprint("health", __name__)
SAFE_PATH: Final = re.compile(r"/(?!/)[^\x00-\x20\\\x7f]*")
SAFE_HOST: Final = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")
LARGEST_ID: Final = 2**31 - 1
LANGUAGE_COOKIE: Final = "bx_lang"
THEME_COOKIE: Final = "bx_theme"
THEMES: Final = ("light", "dark")


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


def translate(message: str) -> str:
    """Return a message in the reader's language; phrases carry their parameters, marked literals have none."""
    if isinstance(message, Phrase):
        return str(gettext(message.msgid, **message.params))
    return str(gettext(message)) if message else ""


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
    app.after_request(_add_headers)
    app.register_error_handler(BangXanhError, _tell_error)
    app.register_error_handler(CSRFError, _tell_csrf_error)
    app.register_error_handler(HTTPException, _tell_http_error)
    app.register_error_handler(DataError, _tell_bad_data)
    app.register_error_handler(Exception, _tell_unexpected)
    menu = tuple(sorted(nav, key=lambda item: (list(NavGroup).index(item.group), item.order)))
    app.context_processor(lambda: _template_context(menu, companions, site))
    app.add_template_filter(translate, "translated")
    app.add_template_filter(_vietnamese_date, "day")
    app.add_template_filter(clock.local, "local")
    app.add_template_filter(_weekday_and_date, "weekday")
    app.jinja_env.globals.update({"asset_tags": site["asset_tags"], "asset_url": site["asset_url"]})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _template_context(
    menu: Iterable[NavItem], companions: Iterable[Companion], site: Mapping[str, Any]
) -> dict[str, Any]:
    actor: Actor | None = g.get("actor")
    return {
        "actor": actor,
        "locale": language(),
        "theme": _theme(),
        "nav": _grouped(
            _with_one_current(
                [_menu_entry(item) for item in menu if actor and actor.may_somewhere(item.permission)]
            )
        ),
        "companions": [one.entry for one in companions if actor and actor.may_somewhere(one.permission)],
        "account": [
            {"label": gettext("Tài khoản của tôi"), "url": url_for("accounts.account"), "icon": "user"}
        ],
        "sign_out_url": url_for("accounts.sign_out"),
        "school_name": site["unit_name"](actor) if actor else None,
        "today": clock.today(),
    }


def _vietnamese_date(day: date | datetime | None) -> str:
    """Show a date as dd/mm/yyyy, an instant as dd/mm/yyyy hh:mm by the school's clock."""
    if isinstance(day, datetime):
        return clock.local(day).strftime("%d/%m/%Y %H:%M")
    return day.strftime("%d/%m/%Y") if day else ""


def _weekday_and_date(moment: date) -> str:
    """Show a day as "Thứ Hai, 23/11/2026", in the reader's language."""
    names = (
        N_("Thứ Hai"),
        N_("Thứ Ba"),
        N_("Thứ Tư"),
        N_("Thứ Năm"),
        N_("Thứ Sáu"),
        N_("Thứ Bảy"),
        N_("Chủ nhật"),
    )
    return f"{translate(names[moment.weekday()])}, {moment:%d/%m/%Y}"


def _theme() -> str | None:
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else None


def _menu_entry(item: NavItem) -> dict[str, object]:
    address = url_for(item.endpoint)
    is_here = request.path == address or (address != "/" and request.path.startswith(address + "/"))
    is_exactly_here = request.path == address
    is_same_part = request.endpoint == item.endpoint or request.blueprint == item.endpoint.split(".", 1)[0]
    return {
        "label": gettext(item.label),
        "group": item.group,
        "url": address,
        "icon": item.icon,
        "current": False,
        "fits": 3 * is_exactly_here + 2 * is_same_part + is_here,
    }


def _with_one_current(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """Mark the one entry where the reader is: at its address, else of its part of the product, else below its address.

    A school's pupils are at /schools/7/pupils: "Học sinh" fits better there than "Trường".
    """
    best = max(entries, key=lambda entry: int(str(entry["fits"])), default=None)
    if best is not None and best["fits"]:
        best["current"] = True
    return entries


def _grouped(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the menu in its groups: `label` (none where a heading would say nothing), `is_here`, `entries`.

    The first group needs no heading, nor does a group of one entry.
    """
    found = []
    for group, members in groupby(entries, key=lambda entry: NavGroup(str(entry["group"]))):
        own = list(members)
        has_head = group is not NavGroup.TODAY and len(own) > 1
        label = gettext(NAV_GROUP_NAMES[group]) if has_head else None
        found.append({"label": label, "is_here": any(entry["current"] for entry in own), "entries": own})
    return found


def _tell_error(error: BangXanhError) -> BaseResponse:
    db.session().rollback()
    if isinstance(error, SignedOutError):
        return _ask_to_sign_in()
    if isinstance(error, StaleFactorError):
        return _ask_for_factor()
    if isinstance(error, NotFoundError):
        return _not_found()
    extra: dict[str, object] = {}
    status = 400
    headers = {}
    if isinstance(error, ConflictError):
        status, extra = 409, {"current": dict(error.current)}
    elif isinstance(error, InvalidError):
        status, extra = 422, {"fields": {name: translate(why) for name, why in error.fields.items()}}
    elif isinstance(error, RateLimitedError):
        status, headers = 429, {"Retry-After": str(error.retry_after)}
    message = error.message if hasattr(error, "message") else str(error)
    response = _answer(status, translate(message), extra)
    response.headers.update(headers)
    return response


def _ask_to_sign_in() -> BaseResponse:
    address = url_for("accounts.sign_in", next=request.full_path if request.method == "GET" else None)
    if is_fragment():
        return Response(status=401, headers={"HX-Redirect": address})
    if wants_json() or request.method != "GET":
        return _answer(401, gettext("Phiên đăng nhập đã hết. Hãy đăng nhập lại."), {"sign_in": address})
    return redirect(address)


def _ask_for_factor() -> BaseResponse:
    """Send the person to give the second factor and back: to the page itself, or to the one with the button."""
    address = url_for("accounts.confirm", next=request.full_path if request.method == "GET" else _came_from())
    if is_fragment():
        return Response(status=401, headers={"HX-Redirect": address})
    if wants_json():
        return _answer(403, gettext("Hãy xác thực hai lớp lại rồi thử lại."), {"confirm": address})
    return redirect(address)


def _came_from() -> str | None:
    """Return the path of the page of ours on which a button was pressed."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _not_found() -> BaseResponse:
    """Absent and forbidden: one answer, to the byte."""
    return _answer(404, gettext("Không tìm thấy trang này, hoặc bạn không có quyền xem."), {})


def _tell_csrf_error(error: CSRFError) -> BaseResponse:
    del error
    return _answer(400, gettext("Trang đã mở quá lâu. Hãy tải lại trang rồi thử lại."), {})


def _tell_http_error(error: HTTPException) -> BaseResponse:
    db.session().rollback()
    if error.response is not None:
        return error.response  # type: ignore[return-value] # a redirect or a ready answer raised by a library
    if error.code in {403, 404, 405}:
        return _not_found()
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _answer(413, gettext("Tệp hoặc nội dung gửi lên quá lớn."), {})
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        return _answer(429, gettext("Bạn đã thử quá nhiều lần. Hãy đợi vài phút rồi thử lại."), {})
    return _answer(error.code or 500, gettext("Yêu cầu không hợp lệ. Hãy quay lại và thử lại."), {})


def _tell_bad_data(error: DataError) -> BaseResponse:
    """Answer input that no column can hold (a NUL character, a number beyond its range): the sender's fault."""
    del error
    db.session().rollback()
    return _answer(400, gettext("Yêu cầu không hợp lệ. Hãy quay lại và thử lại."), {})


class RowId(IntegerConverter):
    """An id in a URL; one beyond the column's range is not found instead of an error of the database."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:  # noqa: ANN401 - werkzeug's signature
        super().__init__(url_map, *args, **({"max": LARGEST_ID} | options))


def _tell_unexpected(error: Exception) -> BaseResponse:
    db.session().rollback()
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    current_app.logger.error("unexpected error on %s %s", request.method, request.path, exc_info=error)
    return _answer(500, gettext("Máy chủ gặp lỗi. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên."), {})


def _answer(status: int, message: str, extra: Mapping[str, object]) -> BaseResponse:
    if wants_json():
        response = jsonify({"ok": False, "message": message, **extra})
    elif is_fragment():
        response = Response(render_template("error_fragment.html", message=message))
    else:
        response = Response(render_template("error.html", status=status, message=message, extra=extra))
    response.status_code = status
    return response


# --- headers ------------------------------------------------------------------------------------------------------


def _add_headers(response: BaseResponse) -> BaseResponse:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _content_security_policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault(
        "Permissions-Policy", "camera=(self), microphone=(), geolocation=(), interest-cohort=()"
    )
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def _content_security_policy() -> str:
    host = request.host if SAFE_HOST.fullmatch(request.host) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""  # older TV browsers do not count ws: as 'self'
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self'{sockets}; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )


# --- health -------------------------------------------------------------------------------------------------------


@health.get("/healthz")
def healthz() -> BaseResponse:
    """Say that the process answers; nothing else is looked at."""
    return jsonify({"status": "ok"})


@health.get("/readyz")
def readyz() -> tuple[BaseResponse, int]:
    """Say whether the database and a worker answer; status 503 when one does not."""
    parts = {
        "database": _answers(lambda: db.session().connection() is not None),
        "worker": _answers(lambda: current_jobs().is_alive()),
    }
    good = all(parts.values())
    words = {name: "ok" if state else "no answer" for name, state in parts.items()}
    return jsonify({"status": "ok" if good else "not ready", **words}), 200 if good else 503


def _answers(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Exception:  # whatever is wrong, the answer to "is it there" is no
        current_app.logger.exception("readiness check failed")
        db.session().rollback()
        return False
