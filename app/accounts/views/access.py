"""Pages of grants: who may see a class and why; giving and ending a role."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.access import Role
from app.accounts.commands import NewGrant, managing
from app.accounts.forms import EndGrantForm, GrantForm
from app.accounts.models import User
from app.accounts.queries.access import grant_for, grants_reaching, grants_to_pupils, may_end
from app.accounts.queries.people import account_for
from app.accounts.rules import ROLE_NAMES
from app.accounts.rules.powers import GIVE_ROLES, MANAGE_ACCOUNTS, SCOPES, VIEW_ACCESS, Scope
from app.accounts.views import bp
from app.accounts.views.access_lists import classes_list, grants_list
from app.accounts.views.managing import drop, offer_roles
from app.errors import InvalidError
from app.http import current_actor, translate
from app.i18n import say
from app.lists.rules import in_memory
from app.lists.views import answer
from app.school.queries import class_for, classes_for, latest_year, place_of_class, school_for, schools_for

if TYPE_CHECKING:
    from datetime import date

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.i18n import Phrase
    from app.school.models import OrgUnit


@bp.get("/access")
def access() -> FileResponse | str:
    """List the classes for which the person may look at who sees them, school by school where there are several."""
    actor, today = current_actor(), clock.today()
    year, schools = latest_year(db.session(), today), schools_for(actor, VIEW_ACCESS)
    asked = request.args.get("school", type=int)
    school = next((unit for unit in schools if unit.id == asked), schools[0] if schools else None)
    classes = classes_for(actor, VIEW_ACCESS, year.id, school.id if school else None) if year else []
    spec = classes_list(classes)
    return answer(
        "accounts/access.html", spec, in_memory(spec, classes), year=year, schools=schools, school=school
    )


@bp.get("/classes/<int:class_id>/access")
def class_access(class_id: int) -> FileResponse | str:
    """Say who may see a class or one pupil of it, through which role, since when, given by whom and why."""
    actor, today = current_actor(), clock.today()
    school_class = class_for(actor, VIEW_ACCESS, class_id)
    lines = [*grants_reaching(actor, school_class), *grants_to_pupils(actor, school_class, today)]
    spec = grants_list(school_class, today, may_open=actor.may(MANAGE_ACCOUNTS, place_of_class(school_class)))
    return answer(
        "accounts/class_access.html",
        spec,
        in_memory(spec, sorted(lines, key=lambda line: (line.state(today) != "now", bool(line.pupil)))),
        school_class=school_class,
        people=len({line.user_id for line in lines if line.state(today) == "now" and not line.pupil}),
    )


@bp.route("/accounts/<int:user_id>/grants/new", methods=["GET", "POST"])
def give_grant(user_id: int) -> Response | str | tuple[str, int]:
    """Give a role at one of the actor's schools, dated, with the reason."""
    actor = current_actor()
    account = account_for(actor, GIVE_ROLES, user_id, clock.today())
    if account.is_self:
        raise InvalidError(say("Không tự cấp quyền cho chính mình. Hãy nhờ người khác."))
    unit = _school_asked_for()
    schools, form = schools_for(actor, GIVE_ROLES), GrantForm()
    form.school.choices = [SelectChoice(str(row.id), row.name) for row in schools]
    offer_roles(form, unit)
    if request.method == "GET":
        form.school.data, form.starts_on.data = str(unit.id), clock.today()
    elif form.validate_on_submit():
        if fault := _grant_fault(form, clock.today()):
            form.starts_on.errors = [translate(fault)]
        else:
            drop(managing.give_role(actor, user_id, _grant_of(form, unit.id)))
            flash(_("Đã cấp vai trò."), "success")
            return redirect(url_for("accounts.person", user_id=user_id))
    page = render_template("accounts/give_grant.html", form=form, found=account, unit=unit, schools=schools)
    return page if request.method == "GET" else (page, 422)


def _school_asked_for() -> OrgUnit:
    """Return the school of the form, or the first within reach; somebody else's is not found."""
    actor = current_actor()
    asked = request.values.get("school", "")
    if asked.isdecimal() and len(asked) < 10:  # noqa: PLR2004 - ids are 32-bit
        return school_for(actor, GIVE_ROLES, int(asked))
    schools = schools_for(actor, GIVE_ROLES)
    if not schools:
        raise InvalidError(say("Chưa có trường nào để cấp vai trò."))
    return schools[0]


def _grant_fault(form: GrantForm, today: date) -> Phrase | None:
    starts_on, last_day = form.starts_on.data or today, form.last_day.data
    if SCOPES[Role(form.role.data)] is Scope.CLASS and not form.class_id.data:
        return say("Vai trò giáo viên cần một lớp.")
    if starts_on < today:
        return say("Quyền bắt đầu sớm nhất từ hôm nay.")
    if last_day is not None and last_day < starts_on:
        return say("Ngày kết thúc phải sau ngày bắt đầu.")
    return None


def _grant_of(form: GrantForm, school_id: int) -> NewGrant:
    role, last_day = Role(form.role.data), form.last_day.data
    return NewGrant(
        role=role,
        unit_id=school_id,
        starts_on=form.starts_on.data or clock.today(),
        class_id=int(form.class_id.data) if SCOPES[role] is Scope.CLASS else None,
        ends_on=last_day + timedelta(days=1) if last_day else None,
        reason=(form.reason.data or "").strip(),
    )


@bp.route("/grants/<int:grant_id>/end", methods=["GET", "POST"])
def end_grant(grant_id: int) -> Response | str | tuple[str, int]:
    """Let a grant end, from today or a later day on, with the reason."""
    actor = current_actor()
    grant = grant_for(actor, GIVE_ROLES, grant_id)
    if not may_end(actor, grant):
        raise InvalidError(
            say("Bạn không được kết thúc quyền này. Hãy nhờ hiệu trưởng hoặc quản trị hệ thống.")
        )
    user_id, form = grant.user_id, EndGrantForm()
    if request.method == "GET":
        form.ends_on.data = clock.today()
    elif form.validate_on_submit():
        ends_on = form.ends_on.data or clock.today()
        if ends_on < clock.today():
            form.ends_on.errors = [_("Quyền kết thúc sớm nhất từ hôm nay.")]
        else:
            managing.end_grant(actor, grant_id, ends_on, (form.reason.data or "").strip())
            flash(_("Đã kết thúc quyền."), "success")
            return redirect(url_for("accounts.person", user_id=user_id))
    page = render_template(
        "accounts/end_grant.html",
        form=form,
        grant=grant,
        person=db.session().get_one(User, user_id),
        role=ROLE_NAMES[Role(grant.role)],
    )
    return page if request.method == "GET" else (page, 422)
