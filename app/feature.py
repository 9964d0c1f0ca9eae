"""The kernel's own feature: accounts, school, intake, audit, home; only `wsgi.py` imports it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask_migrate import Migrate
from flask_security import RoleMixin, Security
from flask_security.datastore import SQLAlchemySessionUserDatastore

from app import accounts, audit, contacts, photos, school, staff  # noqa: F401 - the tables must be known before the first query
from app.access import PUBLIC, SIGNED_IN, Route
from app.accounts.feature import ACCOUNTS, MANAGING
from app.accounts.models import User
from app.accounts.views.tries import limiter
from app.audit.cli import audit_cli
from app.audit.feature import AUDIT
from app.backup.cli import backup_cli
from app.contacts.feature import CONTACTS
from app.db import db
from app.guardians.feature import GUARDIANS
from app.health import health
from app.home import bp as home_bp
from app.i18n import N_
from app.intake.feature import INTAKE
from app.oneroster.feature import ONEROSTER
from app.photos.feature import PHOTOS
from app.school.cli import school_cli
from app.school.feature import FEATURES as SCHOOL_SLICES
from app.school.rules import VIEW_CLASS, VIEW_SCHOOL
from app.school.views import bp as school_bp
from app.staff.feature import STAFF
from app.wiring import Feature, NavGroup, NavItem

if TYPE_CHECKING:
    from flask import Flask

MIGRATIONS = str(Path(__file__).resolve().parent.parent / "migrations")


class _NoRole(RoleMixin):
    """Flask-Security asks for a table of roles; ours are dated grants, so this one is never stored or asked."""


def _fit_accounts(app: Flask) -> None:
    """Flask-Security on Flask-Login: its hashing and session handling; its pages are not used, ours are."""
    app.config.setdefault("SECURITY_JOIN_USER_ROLES", False)
    datastore = SQLAlchemySessionUserDatastore(db.session, User, _NoRole)
    Security(app, datastore, register_blueprint=False)
    limiter.init_app(app)
    _drop_idle_hooks(app)


IDLE_HOOKS: Final = {"flask_limiter._extension", "flask_principal"}
"""Modules that look something up before every request that nobody here asks for: limits of routes (ours are counted
where they are spent), and Flask-Login's user as an identity (ours is the door's actor). A tenth of a save's time."""


def _drop_idle_hooks(app: Flask) -> None:
    hooks = app.before_request_funcs.get(None, [])
    hooks[:] = [call for call in hooks if call.__module__ not in IDLE_HOOKS]


def _fit_migrations(app: Flask) -> None:
    Migrate(app, db, directory=MIGRATIONS, render_as_batch=True)


KERNEL_ROUTES = (
    Route("static", PUBLIC),
    Route("health.healthz", PUBLIC),
    Route("health.readyz", PUBLIC),
    Route("home.index", SIGNED_IN),
    Route("home.styleguide", PUBLIC),
    Route("home.job", SIGNED_IN, target="job_id"),
)
SCHOOL_ROUTES = (
    Route("school.schools", VIEW_SCHOOL),
    Route("school.school", VIEW_SCHOOL, target="school_id"),
    Route("school.classes", VIEW_CLASS),
    Route("school.school_class", VIEW_CLASS, target="class_id"),
)

KERNEL = Feature(
    name="kernel",
    blueprints=(health, home_bp),
    routes=KERNEL_ROUTES,
    nav=(NavItem(N_("Trang chính"), "home.index", "home", SIGNED_IN, order=1, group=NavGroup.TODAY),),
    commands=(audit_cli, backup_cli),
    setup=(_fit_migrations, _fit_accounts),
    in_hub=True,
)
SCHOOL = Feature(
    name="school",
    blueprints=(school_bp,),
    routes=SCHOOL_ROUTES,
    nav=(
        NavItem(N_("Trường"), "school.schools", "school", VIEW_SCHOOL, order=20),
        NavItem(N_("Lớp"), "school.classes", "users", VIEW_CLASS, order=21, parts=("groups",)),
    ),
    commands=(school_cli,),
)
FEATURES = (
    KERNEL,
    ACCOUNTS,
    MANAGING,
    AUDIT,
    STAFF,
    SCHOOL,
    *SCHOOL_SLICES,
    CONTACTS,
    PHOTOS,
    GUARDIANS,
    INTAKE,
    ONEROSTER,
)
