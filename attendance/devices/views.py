"""What makes pages answer without a network: the service worker, the shell that it keeps, a week's sheets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from app import clock, db
from app.access import Role
from app.assets import asset_files, asset_text, asset_url
from app.errors import InvalidError
from app.http import current_actor
from app.i18n import N_
from app.payload import build
from app.school.queries import class_for
from app.school.rules import SESSION_ORDER
from attendance.devices.forms import PeriodForm
from attendance.devices.queries import Keeper, kept_sheets
from attendance.devices.rules import PeriodKey
from attendance.registers.commands.periods import open_period
from attendance.registers.rules.states import PERIODS_APART, TAKE_REGISTER, period_of, session_of
from attendance.registers.views.island import kept_ahead

if TYPE_CHECKING:
    from app.access import Actor

bp = Blueprint("devices", __name__, template_folder="templates")
WORKER: Final = "attendance/devices/frontend/worker.entry.ts"
SHELL: Final = ("app/frontend/site.entry.ts", "attendance/devices/frontend/device.entry.tsx")
ICONS: Final = "app/frontend/icons.svg"


@bp.get("/sw.js")
def worker() -> Response:
    """Give the service worker, from the root so that it may answer for every page; a new build is a new worker."""
    files = [*asset_files(*SHELL), asset_url(ICONS), url_for("static", filename="favicon.svg")]
    kept = {"shell": url_for("devices.shell"), "files": list(dict.fromkeys(files))}
    code = f"self.BX_KEPT={json.dumps(kept)};\n{asset_text(WORKER)}"
    return Response(code, mimetype="text/javascript")


@bp.get("/offline")
def shell() -> str:
    """Show what this device keeps: the page is the same for everybody and holds nothing of anybody."""
    return render_template("devices/offline.html")


@bp.get("/registers/-<int:period_key>")
def period_shell(period_key: int) -> str:
    """Show what this device keeps of a period that has no register yet: the same page for everybody."""
    del period_key  # the device reads it from its address
    return shell()


@bp.get("/registers/device")
def sheets() -> Response:
    """Give a teacher's device the sheets to keep: the own classes', this week and a week ahead, and the own periods."""
    actor = current_actor()
    keeper = Keeper(actor.user_id, _own_classes(actor), actor.class_ids(TAKE_REGISTER))
    found = kept_sheets(db.session(), keeper, clock.today())
    return jsonify({"sheets": kept_ahead(actor, found)})


@bp.post("/registers/device/period")
def open_kept_period() -> Response:
    """Make the register of a period that a device kept ahead, when it has something to send; twice there is one."""
    key = PeriodKey.read(-build(PeriodForm, request.get_json(silent=True)).period)
    school_class = class_for(current_actor(), TAKE_REGISTER, key.class_id)
    number = period_of(key.slot)
    if number is None or key.slot // PERIODS_APART not in SESSION_ORDER.values():
        raise InvalidError(N_("Theo thời khóa biểu, lớp không có tiết này."))
    return jsonify({"register": open_period(school_class, key.day, session_of(key.slot), number)})


def _own_classes(actor: Actor) -> set[int]:
    """Return the classes whose homeroom teacher one is; for who has none, all classes that one teaches."""
    class_ids = actor.class_ids(TAKE_REGISTER)
    homeroom = {grant.class_id for grant in actor.grants if grant.role is Role.HOMEROOM_TEACHER}
    return set(class_ids & homeroom or class_ids)
