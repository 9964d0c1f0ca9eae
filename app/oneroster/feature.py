"""OneRoster as a feature; the kernel's feature list takes it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.intake.commands.sources import use_reader
from app.oneroster import models  # noqa: F401 - the tables must be known before the first query
from app.oneroster.cli import oneroster_cli
from app.oneroster.commands.importing import read_package
from app.wiring import Feature

if TYPE_CHECKING:
    from flask import Flask


def _read_packages(app: Flask) -> None:
    """Have the intake ask OneRoster about every file before it takes it for a workbook."""
    del app
    use_reader(read_package)


ONEROSTER = Feature(
    name="oneroster",
    commands=(oneroster_cli,),
    setup=(_read_packages,),
)
