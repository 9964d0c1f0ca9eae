"""The steps after the password: the code, the password that replaces a slip's, setting up the second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import segno
from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security.utils import hash_password, login_user, verify_password
from limits import parse

from app import db
from app.access import Actor
from app.accounts import commands, queries
from app.accounts.commands import second_factor as factor
from app.accounts.forms import CodeForm, ConfirmPasswordForm, NewPasswordForm
from app.accounts.models import User
from app.accounts.queries.people import second_factor_since
from app.accounts.rules import password_fault
from app.accounts.rules.sealing import Sealer
from app.accounts.rules.steps import Standing, Step, new_secret, next_step, otpauth_uri
from app.accounts.views import TOKEN, Pending, bp, needs_factor, pending, step_address
from app.accounts.views.tries import limiter
from app.errors import InvalidError, RateLimitedError
from app.http import current_actor, safe_next, translate
from app.i18n import say
from app.jobs import offload

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

PER_PERSON: Final = parse("10 per 5 minutes")
SECRET: Final = "enrolling"  # noqa: S105 - the name of the session's key, not a secret


def second_factor_sealer() -> Sealer:
    """Return what seals authenticator secrets in this installation."""
    return Sealer(current_app.config["SECRET_KEY"], "second-factor")


def _waiting_for(step: Step) -> Pending:
    """Return the sign-in of this device that waits for a step; send the device to where it belongs otherwise."""
    waiting = pending()
    if waiting is None:
        abort(redirect(url_for("accounts.sign_in", next=request.args.get("next"))))
    if waiting.step is not step:
        abort(redirect(step_address(waiting.step, request.args.get("next"))))
    return waiting


def _count_code(user_id: int) -> None:
    if not limiter.limiter.hit(PER_PERSON, "code", str(user_id)):
        raise RateLimitedError(say("Đã thử quá nhiều mã. Hãy đợi 5 phút rồi thử lại."), 300)


@bp.route("/login/code", methods=["GET", "POST"])
def give_code() -> Response | str | tuple[str, int]:
    """Ask for the code of the authenticator app, or a recovery code."""
    waiting, form = _waiting_for(Step.CODE), CodeForm()
    if not form.validate_on_submit():
        form.next.data = form.next.data or request.args.get("next", "")
        return render_template("accounts/code.html", form=form, name=waiting.full_name)
    _count_code(waiting.user_id)
    if not factor.use_code(second_factor_sealer(), waiting.user_id, form.code.data or ""):
        form.code.errors = [
            _("Mã không đúng, đã dùng rồi hoặc đã hết hạn. Hãy nhập mã đang hiện trong ứng dụng.")
        ]
        return render_template("accounts/code.html", form=form, name=waiting.full_name), 422
    return _go_on(waiting, form.next.data, gave_factor=True)


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
    secret = _secret_in_hand()
    if not form.validate_on_submit():
        form.next.data = form.next.data or request.args.get("next", "")
        return _enrol_page(form, secret, waiting.username)
    _count_code(waiting.user_id)
    codes = factor.set_up(second_factor_sealer(), waiting.user_id, secret, form.code.data or "")
    if codes is None:
        return _wrong_first_code(form, secret, waiting.username)
    session.pop(SECRET, None)
    answer = _go_on(waiting, form.next.data, gave_factor=True)
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


# --- the second factor of one's own account ---------------------------------------------------------------------


@bp.get("/account/second-factor")
def second_factor() -> str:
    """Show one's second factor, or the way to set one up."""
    return _factor_page(CodeForm(), ConfirmPasswordForm())


@bp.post("/account/second-factor")
def set_up_second_factor() -> str | tuple[str, int]:
    """Set up the second factor, or replace it: with one's password and the first code of the app."""
    actor, form, confirm = current_actor(), CodeForm(), ConfirmPasswordForm()
    if not (form.validate_on_submit() and _is_confirmed(actor, confirm)):
        return _factor_page(form, confirm), 422
    codes = factor.set_up(second_factor_sealer(), actor.user_id, _secret_in_hand(), form.code.data or "")
    if codes is None:
        form.code.errors = [_("Mã không đúng. Hãy nhập mã đang hiện trong ứng dụng.")]
        return _factor_page(form, confirm), 422
    session.pop(SECRET, None)
    session[TOKEN] = commands.go_on(actor.sign_in_id or 0, None, gave_factor=True)
    return render_template("accounts/recovery_codes.html", codes=codes, target=url_for("accounts.account"))


@bp.post("/account/second-factor/codes")
def renew_codes() -> str | tuple[str, int]:
    """Replace one's recovery codes, after one's password."""
    actor, confirm = current_actor(), ConfirmPasswordForm()
    if second_factor_since(db.session(), actor.user_id) is None:
        raise InvalidError(say("Hãy bật xác thực hai lớp trước."))
    if not _is_confirmed(actor, confirm):
        return _factor_page(CodeForm(formdata=None), confirm), 422
    codes = factor.renew_recovery_codes(second_factor_sealer(), actor.user_id)
    return render_template("accounts/recovery_codes.html", codes=codes, target=url_for("accounts.account"))


def require_second_factor() -> None:
    """Let a view that hands out many people's data go on only after a second factor, where the installation wants it.

    Whoever has none is led to the page that sets it up; exports call this first.
    """
    actor = current_actor()
    required: bool = current_app.extensions["bangxanh.settings"].second_factor_required
    if required and not queries.gave_second_factor(db.session(), actor.sign_in_id):
        flash(_("Muốn xuất dữ liệu hàng loạt, hãy bật xác thực hai lớp."), "warning")
        abort(redirect(url_for("accounts.second_factor")))


def _is_confirmed(actor: Actor, confirm: ConfirmPasswordForm) -> bool:
    if not confirm.validate_on_submit():
        return False
    _count_code(actor.user_id)
    stored, typed = db.session().get_one(User, actor.user_id).password, confirm.password.data or ""
    db.session().rollback()
    if offload(lambda: verify_password(typed, stored)):
        return True
    confirm.password.errors = [_("Mật khẩu hiện nay không đúng.")]
    return False


def _factor_page(form: CodeForm, confirm: ConfirmPasswordForm) -> str:
    actor = current_actor()
    username = db.session().get_one(User, actor.user_id).username
    return render_template(
        "accounts/second_factor.html",
        form=form,
        confirm=confirm,
        since=second_factor_since(db.session(), actor.user_id),
        required=needs_factor(actor.user_id),
        **_to_scan(_secret_in_hand(), username),
    )


def _enrol_page(form: CodeForm, secret: str, username: str) -> str:
    return render_template("accounts/enrol.html", form=form, **_to_scan(secret, username))


def _wrong_first_code(form: CodeForm, secret: str, username: str) -> tuple[str, int]:
    form.code.errors = [_("Mã không đúng. Hãy nhập mã đang hiện trong ứng dụng.")]
    return _enrol_page(form, secret, username), 422


def _secret_in_hand() -> str:
    """Return the secret that is being set up on this device, the same until a code proves that the app has it."""
    sealer = second_factor_sealer()
    kept = session.get(SECRET)
    secret = sealer.open(kept) if isinstance(kept, str) else None
    if secret is None:
        secret = new_secret()
        session[SECRET] = sealer.seal(secret)
    return secret


def _to_scan(secret: str, username: str) -> dict[str, str]:
    code = segno.make(otpauth_uri(secret, username, _("Bảng Xanh")), error="m", micro=False)
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"qr": code.svg_data_uri(scale=5, border=2), "secret": spaced}
