"""OneRoster as a feature; the kernel's feature list takes it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.i18n import N_
from app.intake.commands.sources import use_reader
from app.merging import rows_of
from app.oneroster.cli import oneroster_cli
from app.oneroster.commands.importing import read_package
from app.oneroster.models import OneRosterLink
from app.wiring import Feature

if TYPE_CHECKING:
    from flask import Flask


def _read_packages(app: Flask) -> None:
    """Have the intake ask OneRoster about every file before it takes it for a workbook."""
    del app
    use_reader(read_package)


ONEROSTER = Feature(
    name="oneroster",
    belongings=(rows_of(OneRosterLink, N_("Tên trong hệ thống khác"), unique=("school_id", "sourced_id")),),
    commands=(oneroster_cli,),
    setup=(_read_packages,),
)
