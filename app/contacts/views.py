"""The page on which a principal decides which contact data the school keeps, and everybody sees since when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import db
from app.contacts import commands, queries
from app.contacts.forms import SwitchForm
from app.contacts.rules import CONTACT_NAMES, SEE_SWITCHES, SWITCH_CONTACTS, ContactField
from app.http import current_actor, translate
from app.school.choosing.views import choose_school
from app.school.queries import place_of_unit, school_for, schools_for

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

bp = Blueprint("contacts", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422


@bp.get("/contact-fields")
def schools() -> Response | str:
    """Go to the one school whose switches the person may see, or let them choose."""
    found = schools_for(current_actor(), SEE_SWITCHES)
    if len(found) == 1:
        return redirect(url_for("contacts.index", school_id=found[0].id))
    return choose_school(_("Dữ liệu liên hệ"), "contacts.index", found)


@bp.get("/schools/<int:school_id>/contact-fields")
def index(school_id: int) -> str:
    """Show what a school keeps, since when and why."""
    return _page(school_id, SwitchForm())


@bp.post("/schools/<int:school_id>/contact-fields")
def switch_on(school_id: int) -> Response | tuple[str, int]:
    """Have a kind of data kept from now on."""
    actor = current_actor()
    school_for(actor, SWITCH_CONTACTS, school_id)
    form = SwitchForm()
    if not form.validate_on_submit():
        return _page(school_id, form), UNPROCESSABLE
    commands.switch_on(actor, school_id, ContactField(form.field.data), form.reason.data or "")
    flash(_("Đã bật. Từ lần nhập sau, mục này được đọc từ tệp."), "success")
    return redirect(url_for("contacts.index", school_id=school_id))


@bp.post("/schools/<int:school_id>/contact-fields/off")
def switch_off(school_id: int) -> Response:
    """Stop keeping a kind of data and delete what is stored of it."""
    actor = current_actor()
    school_for(actor, SWITCH_CONTACTS, school_id)
    asked = request.form.get("field", "")
    if asked not in set(ContactField):
        return redirect(url_for("contacts.index", school_id=school_id))
    deleted = commands.switch_off(actor, school_id, ContactField(asked))
    told = ngettext(
        "Đã tắt và xóa dữ liệu của %(num)s học sinh.", "Đã tắt và xóa dữ liệu của %(num)s học sinh.", deleted
    )
    flash(told, "success")
    return redirect(url_for("contacts.index", school_id=school_id))


def _page(school_id: int, form: SwitchForm) -> str:
    actor = current_actor()
    unit = school_for(actor, SEE_SWITCHES, school_id)
    switches = queries.switches_of_school(db.session(), school_id)
    kept = {switch.field for switch in switches if switch.off_at is None}
    form.field.choices = [
        SelectChoice(field.value, translate(name))
        for field, name in CONTACT_NAMES.items()
        if field not in kept
    ]
    return render_template(
        "contacts/index.html",
        unit=unit,
        form=form,
        switches=switches,
        names=CONTACT_NAMES,
        may_switch=actor.may(SWITCH_CONTACTS, place_of_unit(school_id)),
    )
