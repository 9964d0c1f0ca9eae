"""What makes pages answer without a network: the service worker, the shell that it keeps, a week's sheets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, jsonify, render_template, url_for

from app import clock, db
from app.access import Role
from app.assets import asset_files, asset_text, asset_url
from app.http import current_actor
from attendance.devices.queries import sheets_between
from attendance.devices.rules import kept_days
from attendance.registers.rules.states import TAKE_REGISTER
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


@bp.get("/registers/device")
def sheets() -> Response:
    """Give a teacher's device the sheets to keep: the own classes', this week and a week ahead."""
    actor = current_actor()
    first, after_last = kept_days(clock.today())
    found = sheets_between(db.session(), _own_classes(actor), first, after_last)
    return jsonify({"sheets": [kept_ahead(actor, sheet) for sheet in found]})


def _own_classes(actor: Actor) -> set[int]:
    """Return the classes whose homeroom teacher one is; for who has none, all classes that one teaches."""
    class_ids = actor.class_ids(TAKE_REGISTER)
    homeroom = {grant.class_id for grant in actor.grants if grant.role is Role.HOMEROOM_TEACHER}
    return set(class_ids & homeroom or class_ids)
