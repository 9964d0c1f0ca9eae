"""Pages for those who look after accounts: the list, a new account, one account, slips of first passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security.utils import hash_password
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db, realtime
from app.access import Role
from app.accounts.commands import NewGrant, managing, set_active
from app.accounts.commands.slips import Slip, peek_slips, slips_pdf, take_slips
from app.accounts.forms import AccountForm
from app.accounts.queries import open_sign_ins
from app.accounts.queries.access import grants_of
from app.accounts.queries.passkeys import factors_of
from app.accounts.queries.people import (
    Account,
    Line,
    account_for,
    accounts_within,
    slips_for,
)
from app.accounts.rules import ROLE_NAMES
from app.accounts.rules.names import first_password
from app.accounts.rules.powers import (
    GIVE_ROLES,
    MANAGE_ACCOUNTS,
    SCHOOL_ROLES,
    SCOPES,
    Scope,
    roles_to_give,
)
from app.accounts.rules.sealing import Sealer
from app.accounts.views import bp
from app.accounts.views.access_lists import person_grants_list
from app.errors import ConflictError, InvalidError
from app.http import current_actor, translate
from app.i18n import N_, say
from app.jobs import offload
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.school.queries import classes_of_school, latest_year, place_of_unit, school_for, schools_for
from app.text import file_name_safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import OrgUnit


def slip_sealer() -> Sealer:
    """Return what seals slips that are not yet printed, in this installation."""
    return Sealer(current_app.config["SECRET_KEY"], "slips")


@bp.get("/accounts")
def people() -> FileResponse | str:
    """List the accounts within reach, searched by name (accents or none) and by role."""
    actor = current_actor()
    return answer(
        "accounts/people.html",
        _accounts_list(actor),
        accounts_within(actor, MANAGE_ACCOUNTS, clock.today()),
        schools=schools_for(actor, MANAGE_ACCOUNTS),
    )


def _accounts_list(actor: Actor) -> ListSpec[Line]:
    return ListSpec(
        name="accounts",
        title=N_("Tài khoản"),
        columns=(
            Column(
                "name",
                N_("Họ và tên"),
                lambda line: line.user.full_name,
                link=lambda line: url_for("accounts.person", user_id=line.user.id),
            ),
            Column("username", N_("Tên đăng nhập"), lambda line: line.user.username),
            Column("roles", N_("Vai trò"), _roles_of, sortable=False),
            Column("units", N_("Đơn vị"), lambda line: ", ".join(line.units), sortable=False),
            Column("seen", N_("Dùng lần cuối"), lambda line: line.last_seen_at, numeric=True, sortable=False),
            Column("state", N_("Trạng thái"), _state_of, tone=_tone_of, sortable=False),
        ),
        filters=(Filter("role", N_("Vai trò"), tuple((each.value, ROLE_NAMES[each]) for each in Role)),),
        search_label=N_("Tìm theo tên hoặc tên đăng nhập"),
        subject=("user", actor.user_id),
        first_order="name",
    )


def _roles_of(line: Line) -> str:
    return ", ".join(translate(ROLE_NAMES[role]) for role in line.roles)


def _state_of(line: Line) -> str:
    if not line.user.active:
        return say("Đã khóa")
    return say("Chờ đổi mật khẩu") if line.user.must_change_password else say("Đang dùng")


def _tone_of(line: Line) -> str:
    if not line.user.active:
        return "bad"
    return "warn" if line.user.must_change_password else "good"


@bp.route("/schools/<int:school_id>/accounts/new", methods=["GET", "POST"])
def new_account(school_id: int) -> str | tuple[str, int]:
    """Make one account at a school and show its first password, once."""
    actor = current_actor()
    unit = school_for(actor, MANAGE_ACCOUNTS, school_id)
    form = AccountForm()
    offer_roles(form, unit)
    if not form.validate_on_submit():
        page = render_template("accounts/new_account.html", form=form, unit=unit)
        return (page, 422) if request.method == "POST" else page
    role, class_id = Role(form.role.data), int(form.class_id.data or 0) or None
    grant = NewGrant(role, unit.id, clock.today(), class_id if SCOPES[role] is Scope.CLASS else None)
    password = first_password()
    wanted = managing.NewAccount(form.full_name.data or "", form.username.data or "", grant)
    name = wanted.full_name
    db.session().rollback()
    hashed = offload(lambda: hash_password(password))
    try:
        username = managing.make_account(actor, wanted, hashed)
    except (ConflictError, InvalidError) as error:
        form.username.errors = [translate(error.message)]
        return render_template("accounts/new_account.html", form=form, unit=unit), 422
    return _slips_page([Slip(name, username, password)], unit.name)


def offer_roles(form: AccountForm, unit: OrgUnit) -> None:
    """Fill a form's choices: the roles that the actor may give at a school, and its classes of this year."""
    given = roles_to_give(current_actor(), place_of_unit(unit.id))
    form.role.choices = [
        SelectChoice(role.value, translate(ROLE_NAMES[role])) for role in SCHOOL_ROLES if role in given
    ]
    year = latest_year(db.session(), clock.today())
    classes = classes_of_school(db.session(), unit.id, year.id) if year else []
    form.class_id.choices = [
        SelectChoice("", "–"),
        *(SelectChoice(str(row.id), row.name) for row in classes),
    ]


@bp.get("/accounts/<int:user_id>")
def person(user_id: int) -> FileResponse | str:
    """Show an account: its roles ever given, its devices, and what may be done with it."""
    actor, today = current_actor(), clock.today()
    account = account_for(actor, MANAGE_ACCOUNTS, user_id, today)
    spec = person_grants_list(account.user, today)
    return answer(
        "accounts/person.html",
        spec,
        in_memory(spec, grants_of(actor, user_id)),
        found=account,
        devices=open_sign_ins(db.session(), user_id),
        factors=factors_of(db.session(), user_id),
        schools=schools_for(actor, GIVE_ROLES),
    )


def _manageable(user_id: int) -> Account:
    """Return the account when the actor may change it; say why not when it may only be looked at."""
    account = account_for(current_actor(), MANAGE_ACCOUNTS, user_id, clock.today())
    if account.is_self:
        raise InvalidError(say("Đây là tài khoản của bạn. Hãy dùng trang “Tài khoản của tôi”."))
    if not account.is_manageable:
        raise InvalidError(
            say("Tài khoản này có vai trò mà bạn không được cấp. Hãy nhờ hiệu trưởng hoặc quản trị hệ thống.")
        )
    return account


@bp.post("/accounts/<int:user_id>/password")
def reset_person(user_id: int) -> str:
    """Give an account a new first password and show it, once."""
    actor, account = current_actor(), _manageable(user_id)
    slip = Slip(account.user.full_name, account.user.username, first_password())
    db.session().rollback()
    hashed = offload(lambda: hash_password(slip.password))
    drop(managing.reset_password(actor, user_id, hashed))
    return _slips_page([slip], None)


@bp.post("/accounts/<int:user_id>/active")
def switch_person(user_id: int) -> Response:
    """Switch an account off (its devices are signed out at once) or on again."""
    actor, account = current_actor(), _manageable(user_id)
    active = request.form.get("active") == "1"
    drop(set_active(actor, account.user.id, active=active))
    flash(_("Tài khoản đã được mở lại.") if active else _("Tài khoản đã bị khóa."), "success")
    return redirect(url_for("accounts.person", user_id=user_id))


@bp.post("/accounts/<int:user_id>/devices/end")
def end_persons_devices(user_id: int) -> Response:
    """Sign an account out on every device."""
    actor, account = current_actor(), _manageable(user_id)
    drop(managing.end_devices(actor, account.user.id))
    flash(_("Đã đăng xuất mọi thiết bị của người này."), "success")
    return redirect(url_for("accounts.person", user_id=user_id))


@bp.post("/accounts/<int:user_id>/devices/<int:sign_in_id>/end")
def end_persons_device(user_id: int, sign_in_id: int) -> Response:
    """Sign an account out on one device."""
    actor, account = current_actor(), _manageable(user_id)
    ended = managing.end_device(actor, account.user.id, sign_in_id)
    if not ended:
        raise InvalidError(say("Thiết bị này đã đăng xuất rồi. Hãy tải lại trang."))
    drop(ended)
    flash(_("Đã đăng xuất thiết bị đó."), "success")
    return redirect(url_for("accounts.person", user_id=user_id))


@bp.post("/accounts/<int:user_id>/factor/remove")
def remove_persons_factor(user_id: int) -> Response:
    """Take the second factor of a lost phone away."""
    actor, account = current_actor(), _manageable(user_id)
    drop(managing.remove_second_factor(actor, account.user.id))
    flash(_("Đã tắt xác thực hai lớp của người này."), "success")
    return redirect(url_for("accounts.person", user_id=user_id))


@bp.get("/slips/<int:slip_id>")
def slips(slip_id: int) -> str:
    """Say how many slips wait, before they are shown once."""
    batch = slips_for(current_actor(), MANAGE_ACCOUNTS, slip_id)
    return render_template("accounts/slips_waiting.html", batch=batch)


@bp.post("/slips/<int:slip_id>")
def show_slips(slip_id: int) -> str:
    """Show slips to print, once."""
    actor = current_actor()
    batch = slips_for(actor, MANAGE_ACCOUNTS, slip_id)
    unit = school_for(actor, MANAGE_ACCOUNTS, batch.school_id)
    return _slips_page(take_slips(slip_sealer(), actor, slip_id), unit.name)


@bp.post("/slips/<int:slip_id>/slips.pdf")
def take_slips_file(slip_id: int) -> Response:
    """Hand slips out as A4 sheets to cut, once."""
    actor = current_actor()
    batch = slips_for(actor, MANAGE_ACCOUNTS, slip_id)
    unit = school_for(actor, MANAGE_ACCOUNTS, batch.school_id)
    title, school = batch.title, unit.name
    answer = slips_file([peek_slips(slip_sealer(), slip_id)], school, title)
    take_slips(slip_sealer(), actor, slip_id)
    return answer


def slips_file(groups: Sequence[Sequence[Slip]], school: str, title: str) -> Response:
    """Return slips as a file of A4 sheets."""
    address = _address()
    answer = make_response(offload(lambda: slips_pdf(groups, school, address)))
    answer.headers["Content-Type"] = "application/pdf"
    name = file_name_safe(f"phieu dang nhap {title}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


def _slips_page(found: Iterable[Slip], school: str | None) -> str:
    return render_template("accounts/slips.html", slips=list(found), school=school, address=_address())


def _address() -> str:
    return current_app.extensions["bangxanh.settings"].public_url or request.host_url.rstrip("/")


def drop(sign_in_ids: Iterable[int]) -> None:
    """Close the sockets of sign-ins that have ended."""
    for sign_in_id in sign_in_ids:
        realtime.disconnect_session(sign_in_id)
