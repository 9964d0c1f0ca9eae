"""Staff as a feature; the kernel's feature list takes it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_security.utils import hash_password

from app.access import Route
from app.accounts.views.managing import slip_sealer
from app.i18n import N_
from app.jobs import JobContext, JobKind
from app.staff.cli import staff_cli
from app.staff.commands import APPLY_JOB, apply_roster
from app.staff.models import StaffImport
from app.staff.rules import IMPORT_STAFF, VIEW_STAFF
from app.staff.views import bp
from app.whereabouts import at_school
from app.wiring import Feature, NavItem

if TYPE_CHECKING:
    from collections.abc import Mapping


def _run_apply(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    made = apply_roster(payload["import_id"], context.user_id, hash_password, slip_sealer(), context.report)
    return {"accounts": made}


STAFF = Feature(
    name="staff",
    blueprints=(bp,),
    routes=(
        Route("staff.schools", VIEW_STAFF),
        Route("staff.index", VIEW_STAFF, target="school_id"),
        Route("staff.upload", IMPORT_STAFF, target="school_id", methods=("GET", "POST")),
        Route("staff.show", IMPORT_STAFF, target="staff_import_id"),
        Route("staff.progress", IMPORT_STAFF, target="staff_import_id"),
        Route("staff.apply", IMPORT_STAFF, target="staff_import_id", methods=("POST",)),
        Route("staff.discard", IMPORT_STAFF, target="staff_import_id", methods=("POST",)),
    ),
    nav=(NavItem(N_("Nhân sự"), "staff.schools", "users", VIEW_STAFF, order=23),),
    whereabouts=(at_school("staff_import", StaffImport),),
    jobs=(JobKind(APPLY_JOB, _run_apply),),
    commands=(staff_cli,),
)
