"""The intake as a feature; the kernel's feature list takes it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.access import Route
from app.contacts.commands import ContactSwitchedOff
from app.facts import Subscriber
from app.i18n import N_
from app.intake.cli import roster_cli
from app.intake.commands.forgetting import IMPORTS
from app.intake.commands.imports import (
    APPLY_JOB,
    PREVIEW_JOB,
    RosterApplied,
    apply_import,
    forget_stale_imports,
    preview_import,
)
from app.intake.commands.undoing import RosterUndone, forget_contacts
from app.intake.models import RosterImport
from app.intake.views import bp
from app.jobs import JobContext, JobKind, Periodic
from app.school.rules import IMPORT_ROSTER
from app.whereabouts import at_school
from app.wiring import Feature, NavItem

if TYPE_CHECKING:
    from collections.abc import Mapping


def _run_preview(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    preview_import(payload["import_id"], context.report)
    return {}


def _run_apply(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    apply_import(payload["import_id"], context.report)
    return {}


def _forget() -> None:
    forget_stale_imports()


INTAKE = Feature(
    name="intake",
    traces=(IMPORTS,),
    blueprints=(bp,),
    routes=(
        Route("intake.schools", IMPORT_ROSTER),
        Route("intake.index", IMPORT_ROSTER, target="school_id"),
        Route("intake.upload", IMPORT_ROSTER, target="school_id", methods=("POST",)),
        Route("intake.show", IMPORT_ROSTER, target="import_id"),
        Route("intake.progress", IMPORT_ROSTER, target="import_id"),
        Route("intake.apply", IMPORT_ROSTER, target="import_id", methods=("POST",)),
        Route("intake.retry", IMPORT_ROSTER, target="import_id", methods=("POST",)),
        Route("intake.discard", IMPORT_ROSTER, target="import_id", methods=("POST",)),
        Route("intake.undo", IMPORT_ROSTER, target="import_id", methods=("POST",)),
        Route("intake.explain", IMPORT_ROSTER, target="import_id", methods=("POST",)),
        Route("intake.convert", IMPORT_ROSTER, target="import_id", methods=("POST",)),
        Route("intake.bad_rows", IMPORT_ROSTER, target="import_id", fresh_factor=True),
        Route("intake.headings", IMPORT_ROSTER, target="school_id"),
        Route("intake.teach", IMPORT_ROSTER, target="school_id", methods=("POST",)),
        Route("intake.forget", IMPORT_ROSTER, target="school_id", methods=("POST",)),
    ),
    nav=(NavItem(N_("Nhập từ Excel"), "intake.schools", "upload", IMPORT_ROSTER, order=22),),
    facts=(RosterApplied, RosterUndone),
    whereabouts=(at_school("import", RosterImport),),
    jobs=(JobKind(PREVIEW_JOB, _run_preview), JobKind(APPLY_JOB, _run_apply)),
    periodic=(Periodic("intake.forget", 6 * 3600, _forget),),
    subscribers=(
        Subscriber("intake.contacts_gone", "ContactSwitchedOff", ContactSwitchedOff, forget_contacts),
    ),
    commands=(roster_cli,),
)
