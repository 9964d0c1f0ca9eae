"""Guardians as a feature; the kernel's feature list takes it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.access import Role, Route
from app.accounts.commands.runs import Source, use_source
from app.facts import Subscriber
from app.forgetting import rows_gone
from app.guardians.commands import SwitchedOff, forget_switched_off, note_account
from app.guardians.models import Guardian
from app.guardians.queries import holders_of_class
from app.guardians.rules import KEEP_GUARDIANS
from app.guardians.views import bp, pupil_part
from app.i18n import N_
from app.merging import rows_of
from app.wiring import Feature, PupilPart

if TYPE_CHECKING:
    from flask import Flask


def _offer_accounts(app: Flask) -> None:
    """Have accounts made for guardians a class at a time, as for pupils."""
    del app
    use_source(Role.GUARDIAN, Source(holders_of_class, note_account))


GUARDIANS = Feature(
    name="guardians",
    blueprints=(bp,),
    routes=(
        Route("guardians.new", KEEP_GUARDIANS, target="pupil_id"),
        Route("guardians.add", KEEP_GUARDIANS, target="pupil_id", methods=("POST",)),
        Route("guardians.edit", KEEP_GUARDIANS, target="guardian_id"),
        Route("guardians.save", KEEP_GUARDIANS, target="guardian_id", methods=("POST",)),
        Route("guardians.link", KEEP_GUARDIANS, target="guardian_id", methods=("POST",)),
        Route("guardians.open_account", KEEP_GUARDIANS, target="guardian_id", methods=("POST",)),
        Route("guardians.unlink", KEEP_GUARDIANS, target="guardian_id", methods=("POST",)),
        Route("guardians.withdraw", KEEP_GUARDIANS, target="guardian_id", methods=("POST",)),
    ),
    pupil_parts=(PupilPart("guardians/pupil_part.html", pupil_part, order=4),),
    traces=(rows_gone(Guardian, N_("Người giám hộ")),),
    belongings=(rows_of(Guardian, N_("Người giám hộ")),),
    subscribers=(
        Subscriber("guardians.contact_off", "ContactSwitchedOff", SwitchedOff, forget_switched_off),
    ),
    setup=(_offer_accounts,),
)
