"""The composition root: the only place where features meet. Nothing imports it.

`python wsgi.py` serves web and sockets on gevent (PORT, HOST); `flask --app wsgi worker` does the jobs.
"""

from __future__ import annotations

if (
    __name__ == "__main__"
):  # gevent must replace the standard library's blocking calls before anything else loads
    from gevent import monkey

    monkey.patch_all()

import importlib
import os
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import claims, clock, cookies, facts, forgetting, http, jobs, merging, realtime, web, whereabouts
from app.accounts.views import find_actor
from app.accounts.views.confirming import require_fresh_factor
from app.assets import asset_tags, asset_url
from app.attempts import write_log_lines
from app.cli import kernel_commands
from app.db import db
from app.i18n import CATALOGUES
from app.schema.cli import on_ready_schema, refuse_old_tables
from app.school.queries import unit_name
from app.sqlite import wait_cooperatively
from config import Environment, InstallationRole, Settings, UnsafeSettingError

if TYPE_CHECKING:
    from app.wiring import Feature

FEATURE_MODULES = (
    "app.feature",
    "attendance.feature",
    "classroom.feature",
    "reports.feature",
    "demo.feature",
)
LARGEST_UPLOAD = 32 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application for these settings (the environment's when none are given).

    Raises SystemExit, whose message names the variable to mend, when the environment will not do.
    """
    settings = settings or _settings_of_process()
    app = Flask("app", static_folder="static", template_folder="templates")
    app.url_map.converters["int"] = http.RowId
    _configure(app, settings)
    features = features_of(settings)
    db.init_app(app)
    for feature in features:
        for fit in feature.setup:
            fit(app)
    _wire_pages(app, features)
    _wire_background(app, settings, features)
    realtime.init_app(app, find_actor)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _settings_of_process() -> Settings:
    os.umask(
        0o077
    )  # what any process of ours makes is for its own account: database, queue, exports, backups
    try:
        return Settings.from_env()
    except UnsafeSettingError as error:  # said to the person who starts it: a line, not a traceback
        message = f"Bảng Xanh: {error}"
        raise SystemExit(message) from None


def features_of(settings: Settings) -> list[Feature]:
    """Return the features of an installation: the schools' or the hub's."""
    hub = settings.role is InstallationRole.HUB
    found = [feature for name in FEATURE_MODULES for feature in importlib.import_module(name).FEATURES]
    return [feature for feature in found if (feature.in_hub if hub else feature.in_school)]


def _configure(app: Flask, settings: Settings) -> None:
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    testing = settings.environment is Environment.TEST
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECURITY_PASSWORD_SALT=settings.secret_key,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of the method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_CLI_USERS_NAME=None,  # its commands change accounts past our rules and the audit log
        SECURITY_CLI_ROLES_NAME=None,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        SESSION_COOKIE_NAME=_session_cookie(settings),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_production,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        PROVIDE_AUTOMATIC_OPTIONS=False,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE=settings.time_zone,
        BABEL_TRANSLATION_DIRECTORIES=";".join(f"{_root()}/{name}/translations" for name in CATALOGUES),
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        PROPAGATE_EXCEPTIONS=testing,
        TEMPLATES_AUTO_RELOAD=settings.environment is Environment.DEVELOPMENT,
    )
    app.extensions["bangxanh.settings"] = settings
    # Before Jinja's environment is made, which keeps its `dumps`; Flask-Security builds its own upon the class.
    app.json_provider_class = web.Json
    app.json = web.Json(app)
    if settings.now:
        clock.start_process_at(settings.now)


def _session_cookie(settings: Settings) -> str:
    name = "bx_session" if settings.role is InstallationRole.SCHOOL else "bx_hub_session"
    return f"{cookies.PREFIX}{name}" if settings.is_production else name


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.database_url.startswith("sqlite"):
        return {"connect_args": {"check_same_thread": False}}
    # No compiling of queries: our largest are asked of many small tables, and took 5 s to compile and 0.2 s to run.
    connect_args = {} if "options=" in settings.database_url else {"options": "-c jit=off"}
    # Whether a connection lives is looked at in app.postgres, without a journey of its own.
    return {"connect_args": connect_args, "pool_size": 10, "max_overflow": 20}


def _root() -> str:
    return os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - one line for one string


def _wire_pages(app: Flask, features: list[Feature]) -> None:
    door = http.Door(
        (route for feature in features for route in feature.routes), find_actor, require_fresh_factor
    )
    web.init_app(
        app,
        door,
        nav=[item for feature in features for item in feature.nav],
        home=[card for feature in features for card in feature.home],
        companions=[one for feature in features for one in feature.companions],
        site={"asset_tags": asset_tags, "asset_url": asset_url, "unit_name": unit_name},
    )
    for name in ("pupil_parts", "class_parts", "school_parts"):
        parts = [part for feature in features for part in getattr(feature, name)]
        app.extensions[f"bangxanh.{name}"] = tuple(sorted(parts, key=lambda part: part.order))
    for feature in features:
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
        for command in feature.commands:
            app.cli.add_command(on_ready_schema(command))
        for endpoint in feature.csrf_exempt:
            web.csrf.exempt(app.view_functions[endpoint])
    for command in kernel_commands():
        app.cli.add_command(command)
    door.check_complete(app)


def _wire_background(app: Flask, settings: Settings, features: list[Feature]) -> None:
    subscribers = [subscriber for feature in features for subscriber in feature.subscribers]
    facts.check_wiring([fact for feature in features for fact in feature.facts], subscribers)
    dispatcher = facts.Dispatcher(subscribers)
    facts.use_waker(dispatcher.wake)
    app.extensions["bangxanh.dispatcher"] = dispatcher
    app.extensions["bangxanh.periodic"] = tuple(item for feature in features for item in feature.periodic)
    claims.init_app(app, (claim for feature in features for claim in feature.claims))
    merging.init_app(app, (one for feature in features for one in feature.belongings))
    forgetting.init_app(app, (one for feature in features for one in feature.traces))
    whereabouts.init_app(app, (one for feature in features for one in feature.whereabouts))
    kinds = [kind for feature in features for kind in feature.jobs]
    jobs.Jobs(settings, kinds, immediate=settings.environment is Environment.TEST).bind(app)


def main() -> None:
    """Serve on HOST (default 127.0.0.1) and PORT (default 8000)."""
    from app.serving import serve  # noqa: PLC0415 - only this entry needs gevent

    write_log_lines()
    app = create_app()
    with app.app_context():
        refuse_old_tables()
    app.extensions["bangxanh.dispatcher"].leave_to_worker()
    wait_cooperatively()
    settings: Settings = app.extensions["bangxanh.settings"]
    serve(app, settings.host, settings.port)


if __name__ == "__main__":
    main()
