"""OneRoster as a feature; the kernel's feature list takes it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.access import CAPABILITY, Route
from app.i18n import N_
from app.intake.commands.sources import use_reader
from app.jobs import Periodic
from app.merging import rows_of
from app.oneroster import models  # noqa: F401 - the tables must be known before the first query
from app.oneroster.cli import oneroster_cli
from app.oneroster.commands.clients import forget_old_tokens
from app.oneroster.commands.forgetting import TOLD
from app.oneroster.commands.importing import read_package
from app.oneroster.models import OneRosterLink
from app.oneroster.rules.clients import EXPORT_ROSTER, MANAGE_CLIENTS
from app.oneroster.views import bp, rostering, service_bp, sharing, tokens  # noqa: F401 - loading them adds their pages
from app.wiring import Feature, NavGroup, NavItem

if TYPE_CHECKING:
    from flask import Flask


def _read_packages(app: Flask) -> None:
    """Have the intake ask OneRoster about every file before it takes it for a workbook."""
    del app
    use_reader(read_package)


ONEROSTER = Feature(
    name="oneroster",
    traces=(TOLD,),
    belongings=(rows_of(OneRosterLink, N_("Tên trong hệ thống khác"), unique=("school_id", "sourced_id")),),
    blueprints=(bp, service_bp),
    routes=(
        Route("oneroster.schools", EXPORT_ROSTER),
        Route("oneroster.index", EXPORT_ROSTER, target="school_id"),
        Route("oneroster.download", EXPORT_ROSTER, target="school_id", fresh_factor=True),
        Route(
            "oneroster.add_client", MANAGE_CLIENTS, target="school_id", methods=("POST",), fresh_factor=True
        ),
        Route("oneroster.revoke_client", MANAGE_CLIENTS, target="client_pk", methods=("POST",)),
        Route("rostering.token", CAPABILITY, methods=("POST",)),
        Route("rostering.collection", CAPABILITY),
        Route("rostering.single", CAPABILITY),
        Route("rostering.nested", CAPABILITY),
        Route("rostering.of_class", CAPABILITY),
    ),
    nav=(
        NavItem(
            N_("Chia sẻ danh sách"),
            "oneroster.schools",
            "send",
            EXPORT_ROSTER,
            order=64,
            group=NavGroup.SYSTEM,
        ),
    ),
    periodic=(Periodic("oneroster.forget_tokens", 3600, forget_old_tokens),),
    csrf_exempt=("rostering.token",),
    commands=(oneroster_cli,),
    setup=(_read_packages,),
)
