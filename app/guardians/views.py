"""Guardians on the pupil's page and on pages of their own: write down, change, remove, link to an account."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security.utils import hash_password
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.accounts.commands.slips import Slip
from app.accounts.rules.names import first_password
from app.audit.queries import entry_of_forgetting
from app.contacts.queries import contact_of_pupil, switched_on
from app.contacts.rules import CONTACT_NAMES, VIEW_CONTACT, ContactField
from app.errors import ConflictError, InvalidError, NotFoundError
from app.guardians import commands, queries
from app.guardians.forms import AccountForm, GuardianForm
from app.guardians.rules import KEEP_GUARDIANS, RELATIONSHIP_NAMES, Details, Relationship, offered
from app.http import current_actor, translate
from app.jobs import offload
from app.school.enrolment.queries import keeping_school, kept_pupil_for
from app.school.models import OrgUnit, Pupil
from app.school.queries import place_of_unit, places_of_pupil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Response

    from app.guardians.models import Guardian
    from app.wiring import PupilAsked

bp = Blueprint("guardians", __name__, template_folder="templates")
UNPROCESSABLE = 422


def pupil_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return a pupil's guardians and contact data, for those of the school that keeps the pupil who may see them."""
    actor, today = current_actor(), clock.today()
    school_id = keeping_school(db.session(), asked.pupil_id)
    places = places_of_pupil(asked.pupil_id, today)
    may_keep = (
        school_id is not None
        and actor.may(KEEP_GUARDIANS, place_of_unit(school_id))
        and entry_of_forgetting(db.session(), asked.pupil_id) is None
    )
    if school_id is None or not (may_keep or any(actor.may(VIEW_CONTACT, place) for place in places)):
        return None
    return {
        "pupil_id": asked.pupil_id,
        "guardians": queries.guardians_of(db.session(), asked.pupil_id, school_id),
        "contact": _contact(asked.pupil_id),
        "relationships": RELATIONSHIP_NAMES,
        "fields": CONTACT_NAMES,
        "may_keep": may_keep,
    }


def _contact(pupil_id: int) -> Mapping[ContactField, str]:
    try:
        return contact_of_pupil(current_actor(), pupil_id, clock.today()).values
    except NotFoundError:
        return {}


@bp.get("/pupils/<int:pupil_id>/guardians/new")
def new(pupil_id: int) -> str:
    """Show the form of a new guardian, or which contact data has to be switched on first."""
    pupil, school_id = kept_pupil_for(current_actor(), KEEP_GUARDIANS, pupil_id)
    form = _form(school_id)
    form.client_key.data = secrets.token_urlsafe(24)
    return _form_page(pupil, school_id, form)


@bp.post("/pupils/<int:pupil_id>/guardians/new")
def add(pupil_id: int) -> Response | tuple[str, int]:
    """Write a guardian down and go back to the pupil's page."""
    actor = current_actor()
    pupil, school_id = kept_pupil_for(actor, KEEP_GUARDIANS, pupil_id)
    form = _form(school_id)
    key = form.client_key.data or ""

    def act() -> object:
        return commands.add_guardian(actor, pupil_id, school_id, _details(form), key)

    if key and form.validate_on_submit() and _tried(form, act):
        flash(_("Đã ghi người giám hộ."), "success")
        return redirect(url_for("pupils.page", pupil_id=pupil_id))
    return _form_page(pupil, school_id, form), UNPROCESSABLE


@bp.get("/guardians/<int:guardian_id>")
def edit(guardian_id: int) -> str:
    """Show a guardian: what is written, and the account."""
    row = queries.guardian_for(current_actor(), guardian_id)
    form = _form(row.school_id, row)
    form.seen.data = str(row.row_version)
    return _edit_page(row, form, AccountForm())


@bp.post("/guardians/<int:guardian_id>")
def save(guardian_id: int) -> Response | tuple[str, int]:
    """Write down what changed and go back to the pupil's page."""
    actor = current_actor()
    row = queries.guardian_for(actor, guardian_id)
    pupil_id, form = row.pupil_id, _form(row.school_id)

    def act() -> None:
        commands.edit_guardian(actor, guardian_id, _details(form), int(form.seen.data or 0))

    if form.validate_on_submit() and _tried(form, act):
        flash(_("Đã lưu."), "success")
        return redirect(url_for("pupils.page", pupil_id=pupil_id))
    return _edit_page(row, form, AccountForm(formdata=None)), UNPROCESSABLE


@bp.post("/guardians/<int:guardian_id>/remove")
def withdraw(guardian_id: int) -> Response:
    """Delete a guardian and go back to the pupil's page."""
    actor = current_actor()
    pupil_id = queries.guardian_for(actor, guardian_id).pupil_id
    commands.remove_guardian(actor, guardian_id)
    flash(_("Đã xóa người giám hộ; tài khoản của người đó không còn xem được em."), "success")
    return redirect(url_for("pupils.page", pupil_id=pupil_id))


@bp.post("/guardians/<int:guardian_id>/account")
def link(guardian_id: int) -> Response | tuple[str, int]:
    """Let an account that is there see the pupil."""
    actor = current_actor()
    row = queries.guardian_for(actor, guardian_id)
    form, pupil_id = AccountForm(), row.pupil_id

    def act() -> None:
        commands.link_account(actor, guardian_id, form.username.data or "")

    if form.validate_on_submit() and _tried(form, act):
        flash(_("Đã gắn tài khoản. Tài khoản chỉ xem được em này."), "success")
        return redirect(url_for("pupils.page", pupil_id=pupil_id))
    details = _form(row.school_id, row)
    details.seen.data = str(row.row_version)
    return _edit_page(row, details, form), UNPROCESSABLE


@bp.post("/guardians/<int:guardian_id>/new-account")
def open_account(guardian_id: int) -> Response | str:
    """Make an account for a guardian and show its first password, once."""
    actor = current_actor()
    row = queries.guardian_for(actor, guardian_id)
    name, unit = row.full_name, db.session().get_one(OrgUnit, row.school_id)
    school, password = unit.name, first_password()
    db.session().rollback()
    hashed = offload(lambda: hash_password(password))
    username = commands.open_account(actor, guardian_id, hashed)
    if username is None:
        return redirect(url_for("guardians.edit", guardian_id=guardian_id))
    address = current_app.extensions["bangxanh.settings"].public_url or request.host_url.rstrip("/")
    slips = [Slip(name, username, password)]
    return render_template("accounts/slips.html", slips=slips, school=school, address=address)


@bp.post("/guardians/<int:guardian_id>/unlink")
def unlink(guardian_id: int) -> Response:
    """Take the pupil from a guardian's account."""
    actor = current_actor()
    pupil_id = queries.guardian_for(actor, guardian_id).pupil_id
    commands.unlink_account(actor, guardian_id)
    flash(_("Tài khoản không còn xem được em."), "success")
    return redirect(url_for("pupils.page", pupil_id=pupil_id))


# --- what the pages show ------------------------------------------------------------------------------------------


def _form(school_id: int, row: Guardian | None = None) -> GuardianForm:
    form = GuardianForm(obj=row)
    kept = switched_on(db.session(), school_id)
    form.relationship.choices = [
        SelectChoice(one.value, translate(RELATIONSHIP_NAMES[one])) for one in offered(kept)
    ]
    if ContactField.PHONE not in kept:
        del form.phone
    return form


def _details(form: GuardianForm) -> Details:
    phone = form.phone.data if "phone" in form else ""
    return Details(Relationship(form.relationship.data), form.full_name.data or "", phone or "")


def _tried(form: GuardianForm | AccountForm, act: Callable[[], object]) -> bool:
    """Do it; what a rule refuses is told in the form, and False returned."""
    try:
        act()
    except (InvalidError, ConflictError) as error:
        db.session().rollback()
        for name, what in error.fields.items() if isinstance(error, InvalidError) else ():
            if name in form:
                form[name].errors = [*form[name].errors, translate(what)]
        form.form_errors.append(translate(error.message))
        return False
    return True


def _form_page(pupil: Pupil, school_id: int, form: GuardianForm) -> str:
    return render_template("guardians/new.html", pupil=pupil, school_id=school_id, form=form)


def _edit_page(row: Guardian, form: GuardianForm, account: AccountForm) -> str:
    session = db.session()
    lines = queries.guardians_of(session, row.pupil_id, row.school_id)
    return render_template(
        "guardians/edit.html",
        row=row,
        line=next(one for one in lines if one.id == row.id),
        pupil=session.get_one(Pupil, row.pupil_id),
        form=form,
        account=account,
    )
