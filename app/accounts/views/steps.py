"""The steps after the password: the code, the password that replaces a slip's, setting up the second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security.utils import hash_password, login_user, verify_password

from app import db
from app.access import Actor
from app.accounts import commands, queries
from app.accounts.commands import second_factor as factor
from app.accounts.forms import CodeForm, NewPasswordForm
from app.accounts.models import User
from app.accounts.rules import password_fault
from app.accounts.rules.steps import Standing, Step, next_step
from app.accounts.views import TOKEN, Pending, bp, needs_factor, pending, step_address
from app.accounts.views.factors import SECRET, secret_in_hand, to_scan
from app.accounts.views.passkeys import (
    ask_to_make,
    ask_to_use,
    count_code,
    gone,
    is_proved,
    keep_made,
    second_factor_sealer,
    this_party,
    ways_of,
)
from app.attempts import Attempt, note_refused
from app.http import safe_next, translate
from app.i18n import say
from app.jobs import offload

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


def _waiting_for(step: Step) -> Pending:
    """Return the sign-in of this device that waits for a step; send the device to where it belongs otherwise."""
    waiting = pending()
    if waiting is None:
        abort(redirect(url_for("accounts.sign_in", next=request.args.get("next"))))
    if waiting.step is not step:
        abort(redirect(step_address(waiting.step, request.args.get("next"))))
    return waiting


def _owes(step: Step) -> Pending:
    """Return the sign-in of this device that waits for a step; raise ConflictError, for a script asks."""
    waiting = pending()
    if waiting is None or waiting.step is not step:
        raise gone()
    return waiting


@bp.route("/login/code", methods=["GET", "POST"])
def give_code() -> Response | str | tuple[str, int]:
    """Ask for the code of the authenticator app, or a recovery code."""
    waiting, form = _waiting_for(Step.CODE), CodeForm()
    if not form.validate_on_submit():
        form.next.data = form.next.data or request.args.get("next", "")
        return _code_page(form, waiting)
    count_code(waiting.user_id)
    if not factor.use_code(second_factor_sealer(), waiting.user_id, form.code.data or ""):
        note_refused(Attempt.SECOND_FACTOR, user=waiting.user_id)
        form.code.errors = [
            _("Mã không đúng, đã dùng rồi hoặc đã hết hạn. Hãy nhập mã đang hiện trong ứng dụng.")
        ]
        return _code_page(form, waiting), 422
    return _go_on(waiting, form.next.data, gave_factor=True)


def _code_page(form: CodeForm, waiting: Pending, key_fault: str = "") -> str:
    ways = ways_of(waiting.user_id)
    return render_template(
        "accounts/code.html", form=form, name=waiting.full_name, key_fault=key_fault, **ways
    )


@bp.post("/login/passkey/challenge")
def passkey_challenge() -> Response:
    """Ask this device for one of the person's passkeys, after the password."""
    waiting = _owes(Step.CODE)
    return ask_to_use(waiting.sign_in_id, waiting.user_id)


@bp.post("/login/passkey")
def give_passkey() -> Response | tuple[str, int]:
    """Go on with a passkey in place of a code."""
    waiting, form = _waiting_for(Step.CODE), CodeForm()
    if is_proved(waiting.sign_in_id, waiting.user_id):
        return _go_on(waiting, form.next.data, gave_factor=True)
    note_refused(Attempt.SECOND_FACTOR, user=waiting.user_id)
    form.code.data = ""
    return _code_page(form, waiting, _("Khóa truy cập không được chấp nhận. Hãy thử lại hoặc nhập mã.")), 422


@bp.route("/login/password", methods=["GET", "POST"])
def first_password() -> Response | str | tuple[str, int]:
    """Have the password of a slip replaced before anything else can be done."""
    waiting, form = _waiting_for(Step.PASSWORD), NewPasswordForm()
    if not form.validate_on_submit():
        form.next.data = form.next.data or request.args.get("next", "")
        return render_template("accounts/first_password.html", form=form, waiting=waiting)
    new, stored = form.new.data or "", db.session().get_one(User, waiting.user_id).password
    db.session().rollback()
    fault = password_fault(new, waiting.username)
    if fault is None and offload(lambda: verify_password(new, stored)):
        fault = say("Hãy chọn mật khẩu khác với mật khẩu trên phiếu.")
    if fault is not None:
        form.new.errors = [translate(fault)]
        return render_template("accounts/first_password.html", form=form, waiting=waiting), 422
    new_hash = offload(lambda: hash_password(new))
    commands.change_password(Actor(waiting.user_id, waiting.full_name, (), waiting.sign_in_id), new_hash)
    return _go_on(waiting, form.next.data, changed_password=True)


@bp.route("/login/enrol", methods=["GET", "POST"])
def enrol() -> Response | str | tuple[str, int]:
    """Have the second factor set up by somebody whose role asks for it."""
    waiting, form = _waiting_for(Step.ENROLMENT), CodeForm()
    secret = secret_in_hand()
    if not form.validate_on_submit():
        form.next.data = form.next.data or request.args.get("next", "")
        return _enrol_page(form, secret, waiting.username)
    count_code(waiting.user_id)
    codes = factor.set_up(second_factor_sealer(), waiting.user_id, secret, form.code.data or "")
    if codes is None:
        return _wrong_first_code(form, secret, waiting.username)
    session.pop(SECRET, None)
    answer = _go_on(waiting, form.next.data, gave_factor=True)
    return render_template("accounts/recovery_codes.html", codes=codes, target=answer.location)


def _enrol_page(form: CodeForm, secret: str, username: str, key_fault: str = "") -> str:
    return render_template(
        "accounts/enrol.html",
        form=form,
        can_make_passkey=this_party() is not None,
        key_fault=key_fault,
        **to_scan(secret, username),
    )


def _wrong_first_code(form: CodeForm, secret: str, username: str) -> tuple[str, int]:
    form.code.errors = [_("Mã không đúng. Hãy nhập mã đang hiện trong ứng dụng.")]
    return _enrol_page(form, secret, username), 422


@bp.post("/login/enrol/passkey/challenge")
def enrol_challenge() -> Response:
    """Ask this device to make the passkey without which a role cannot be used."""
    waiting = _owes(Step.ENROLMENT)
    return ask_to_make(waiting.sign_in_id, waiting.user_id)


@bp.post("/login/enrol/passkey")
def enrol_passkey() -> Response | str | tuple[str, int]:
    """Set a passkey up as the second factor that a role asks for."""
    waiting, form = _waiting_for(Step.ENROLMENT), CodeForm()
    codes = keep_made(waiting.sign_in_id, waiting.user_id)
    if codes is None:
        form.code.data = ""
        fault = _("Chưa tạo được khóa truy cập. Hãy thử lại, hoặc dùng ứng dụng xác thực.")
        return _enrol_page(form, secret_in_hand(), waiting.username, fault), 422
    answer = _go_on(waiting, form.next.data, gave_factor=True)
    if not codes:
        return answer
    return render_template("accounts/recovery_codes.html", codes=codes, target=answer.location)


def _go_on(
    waiting: Pending, target: str | None, *, gave_factor: bool = False, changed_password: bool = False
) -> Response:
    """Move on to the step that is due now; sign the person in when there is none."""
    standing = Standing(
        has_factor=queries.has_second_factor(db.session(), waiting.user_id),
        gave_factor=gave_factor or waiting.gave_factor,
        must_change_password=waiting.must_change_password and not changed_password,
        needs_factor=needs_factor(waiting.user_id),
    )
    step = next_step(standing)
    token = commands.go_on(waiting.sign_in_id, step, gave_factor=gave_factor)
    session.clear()
    if step is not None:
        session[TOKEN] = token
        return redirect(step_address(step, target))
    login_user(db.session().get_one(User, waiting.user_id))
    session[TOKEN] = token
    return redirect(safe_next(target))
