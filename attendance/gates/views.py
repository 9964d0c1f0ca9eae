"""Where gates send what they saw, and the page on which a school registers them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from limits import parse

from app import clock, db
from app.accounts.views.tries import limiter
from app.errors import ConflictError, InvalidError
from app.http import current_actor, server_address, translate
from app.rest import refused, too_many
from app.school.queries import school_for
from app.signing import Message, RefusedError, private_pem, read_public_pem, verify
from attendance.gates import commands
from attendance.gates.forms import GateForm, read_message
from attendance.gates.queries import gate_for, gate_of_key, gates_of_school, seen_on_open
from attendance.gates.rules import LARGEST_BODY, MANAGE_GATES, SIGNED, Outcome
from attendance.registers.events import Sighting, open_registers, tell_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit
    from attendance.gates.forms import Sent
    from attendance.gates.models import Gate
    from attendance.gates.rules import Scan

bp = Blueprint("gates", __name__, template_folder="templates")
ADDRESS: Final = "/api/v1/evidence"
MESSAGES_PER_GATE: Final = parse("3000 per minute")
"""By key, never by address: a school's gates stand behind one router. The morning peak is 1,500 in a minute."""


@bp.post(ADDRESS)
def receive() -> tuple[Response, int]:
    """Store the scans of a signed message and say of each what became of it."""
    body = request.get_data(cache=False) if (request.content_length or 0) <= LARGEST_BODY else None
    if body is None or len(body) > LARGEST_BODY:
        return refused("too_large", 413)
    try:
        gate = _gate(body)
    except RefusedError as error:
        return refused(error.refusal, 401)
    if not limiter.limiter.hit(MESSAGES_PER_GATE, "gate", gate.key_id):
        return too_many()
    try:
        sent = read_message(_json(body), gate.key_id)
    except InvalidError as error:
        return refused("invalid", 422, {name: translate(why) for name, why in error.fields.items()})
    return jsonify({"results": _results(gate, sent)}), 200


def _gate(body: bytes) -> Gate:
    """Return the gate that signed this request. Raises RefusedError; a revoked key is an unknown one."""
    message = Message(
        request.method, f"{request.host_url.rstrip('/')}{ADDRESS}", dict(request.headers.items())
    )
    known: dict[str, Gate] = {}

    def find_key(key_id: str) -> Ed25519PublicKey | None:
        gate = gate_of_key(db.session(), key_id)
        if gate is None:
            return None
        known[key_id] = gate
        return read_public_pem(gate.public_pem)

    return known[verify(SIGNED, message, body, find_key, clock.now())]


def _json(body: bytes) -> object:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found


def _results(gate: Gate, sent: Sent) -> list[dict[str, str | None]]:
    good, school_id = tuple(scan for scan in sent.scans if scan is not None), gate.school_id
    batch = commands.Batch(gate.id, school_id, good, gate.last_seen_at)
    outcomes = commands.store_scans(batch) if good else []
    _tell(school_id, [scan for scan, one in zip(good, outcomes, strict=True) if one is Outcome.STORED])
    stored = iter(outcomes)
    return [
        {"id": sent_id, "result": Outcome.INVALID if scan is None else next(stored)}
        for sent_id, scan in zip(sent.ids, sent.scans, strict=True)
    ]


def _tell(school_id: int, scans: Sequence[Scan]) -> None:
    """Tell those who have a register open whom the gate has just seen of it."""
    opened = open_registers()
    if not (opened and scans):
        return
    db.session().rollback()  # what was read before these scans were stored knows nothing of them
    codes = {scan.code for scan in scans}
    for register_id, found in seen_on_open(db.session(), school_id, clock.today(), codes, opened).items():
        told = [Sighting(one.pupil_id, f"{clock.local(one.at):%H:%M}", late) for one, late in found]
        if told:
            tell_seen(register_id, told)


# --- the school's page --------------------------------------------------------------------------------------------


@bp.get("/schools/<int:school_id>/gates")
def index(school_id: int) -> str:
    """Show a school's gates."""
    return _page(school_for(current_actor(), MANAGE_GATES, school_id), _new_form())


@bp.post("/schools/<int:school_id>/gates")
def add(school_id: int) -> str | tuple[str, int]:
    """Register a gate and show its key, once."""
    actor = current_actor()
    unit = school_for(actor, MANAGE_GATES, school_id)
    form = GateForm()
    if not form.validate_on_submit():
        return _page(unit, form), 422
    try:
        key = commands.add_gate(actor, school_id, form.name.data or "", form.client_key.data or "")
    except InvalidError as error:
        form.name.errors = [translate(error.message)]
        return _page(unit, form), 422
    except ConflictError as error:
        form.name.errors = [translate(error.message)]
        return _page(unit, form), 409
    return render_template(
        "gates/key.html",
        unit=unit,
        name=form.name.data,
        key_id=key.key_id,
        pem=private_pem(key.private),
        address=f"{server_address()}{ADDRESS}",
    )


@bp.post("/gates/<int:gate_id>/revoke")
def revoke(gate_id: int) -> Response:
    """Take nothing from a gate any more."""
    actor = current_actor()
    school_id = gate_for(actor, gate_id).school_id
    commands.revoke_gate(actor, gate_id)
    flash(_("Đã thu hồi. Cổng này không gửi được gì nữa."), "success")
    return redirect(url_for("gates.index", school_id=school_id))


def _new_form() -> GateForm:
    form = GateForm(formdata=None)
    form.client_key.data = uuid4().hex
    return form


def _page(unit: OrgUnit, form: GateForm) -> str:
    gates = gates_of_school(db.session(), unit.id)
    return render_template("gates/index.html", unit=unit, form=form, gates=gates)
