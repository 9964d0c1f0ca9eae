"""The school's page about OneRoster: take a package, see who took one, let programs in and send them away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import ConflictError, InvalidError
from app.http import current_actor, server_address, translate
from app.i18n import say
from app.jobs import offload
from app.lists.rules import in_memory
from app.lists.views import answer
from app.oneroster.commands import clients as commands
from app.oneroster.commands.keeping import export_package
from app.oneroster.forms import ClientForm, PackageForm
from app.oneroster.queries import clients as queries
from app.oneroster.rules.binding import Version
from app.oneroster.rules.clients import EXPORT_ROSTER, MANAGE_CLIENTS, USUAL
from app.oneroster.rules.csv_out import Wanted
from app.oneroster.views import bp
from app.oneroster.views.lists import clients_list
from app.oneroster.views.rostering import BASE
from app.openapi import ADDRESS as DESCRIBED_AT
from app.school.choosing.views import choose_school
from app.school.queries import latest_year, place_of_unit, school_for, schools_for
from app.text import file_name_safe

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit


@bp.get("/oneroster")
def schools() -> Response | str:
    """Go to the page of the one school whose roster the person may hand out, or let them choose."""
    found = schools_for(current_actor(), EXPORT_ROSTER)
    if len(found) == 1:
        return redirect(url_for("oneroster.index", school_id=found[0].id))
    return choose_school(_("Chia sẻ danh sách"), "oneroster.index", found)


@bp.get("/schools/<int:school_id>/oneroster")
def index(school_id: int) -> FileResponse | str:
    """Show the package to take, who took one, and the programs that read."""
    return _page(school_for(current_actor(), EXPORT_ROSTER, school_id), _new_form())


@bp.get("/schools/<int:school_id>/oneroster.zip")
def download(school_id: int) -> Response:
    """Hand out a school's year as a OneRoster package; the audit log keeps who took what."""
    actor = current_actor()
    unit = school_for(actor, EXPORT_ROSTER, school_id)
    form = PackageForm(request.args)
    year = latest_year(db.session(), clock.today())
    if year is None or not form.validate():
        raise InvalidError(say("Hãy chọn phiên bản và ngày hợp lệ."))
    name, year_id = file_name_safe(f"oneroster {unit.name} {year.code}"), year.id
    wanted = Wanted(
        Version(form.version.data), demographics=bool(form.demographics.data), codes=bool(form.codes.data)
    )
    since = form.since.data
    db.session().rollback()
    package = make_response(offload(lambda: export_package(actor, school_id, year_id, wanted, since)))
    package.headers["Content-Type"] = "application/zip"
    package.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return package


@bp.post("/schools/<int:school_id>/oneroster/clients")
def add_client(school_id: int) -> str | tuple[FileResponse | str, int]:
    """Let a program in and show its secret, once."""
    actor = current_actor()
    unit = school_for(actor, MANAGE_CLIENTS, school_id)
    form = ClientForm()
    if not form.validate_on_submit():
        return _page(unit, form), 422
    wanted = commands.NewClient(
        form.name.data or "",
        form.client_id.data or "",
        form.expires_on.data or clock.today(),
        demographics=bool(form.reads_births.data),
        roster=bool(form.reads_roster.data),
        more=tuple(request.form.getlist("scope")),
    )
    try:
        secret = commands.add_client(actor, school_id, wanted)
    except InvalidError as error:
        for field, fault in error.fields.items():
            form[field].errors = [translate(fault)]
        return _page(unit, form), 422
    except ConflictError as error:
        form.name.errors = [translate(error.message)]
        return _page(unit, form), 409
    return render_template(
        "oneroster/secret.html",
        unit=unit,
        wanted=wanted,
        secret=secret,
        token_address=f"{server_address()}{url_for('rostering.token')}",
        address=f"{server_address()}{BASE}",
        described_at=f"{server_address()}{DESCRIBED_AT}" if wanted.more else "",
    )


@bp.post("/oneroster/clients/<int:client_pk>/revoke")
def revoke_client(client_pk: int) -> Response:
    """Send a program away."""
    actor = current_actor()
    school_id = queries.client_for(actor, client_pk).school_id
    commands.revoke_client(actor, client_pk)
    flash(_("Đã thu hồi. Phần mềm này không đọc được gì nữa."), "success")
    return redirect(url_for("oneroster.index", school_id=school_id))


def _new_form() -> ClientForm:
    form = ClientForm(formdata=None)
    form.client_id.data = commands.new_client_id()
    form.expires_on.data = clock.today() + USUAL
    form.reads_roster.data = True
    return form


def _page(unit: OrgUnit, form: ClientForm) -> FileResponse | str:
    session, today = db.session(), clock.today()
    manages = current_actor().may(MANAGE_CLIENTS, place_of_unit(unit.id))
    offered = commands.offered_scopes()
    spec = clients_list(offered, today)
    return answer(
        "oneroster/index.html",
        spec,
        in_memory(spec, queries.clients_of_school(session, unit.id) if manages else []),
        unit=unit,
        year=latest_year(session, today),
        form=form,
        package=PackageForm(formdata=None),
        manages=manages,
        exports=[(entry, json.loads(entry.details)) for entry in queries.exports_of_school(session, unit.id)],
        offered=offered,
        chosen=request.form.getlist("scope"),
        today=today,
    )
