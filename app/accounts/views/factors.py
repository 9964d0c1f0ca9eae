"""Pages of one's own second factor: the authenticator app, passkeys, recovery codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security.utils import verify_password

from app import db
from app.accounts import commands, queries
from app.accounts.commands import passkeys
from app.accounts.commands import second_factor as factor
from app.accounts.forms import CodeForm, ConfirmPasswordForm
from app.accounts.models import User
from app.accounts.queries.passkeys import factors_of, passkey_for
from app.accounts.rules.steps import new_secret, otpauth_uri
from app.accounts.views import TOKEN, bp, needs_factor
from app.accounts.views.passkeys import ask_to_make, count_code, keep_made, second_factor_sealer, this_party
from app.errors import InvalidError
from app.http import current_actor, safe_next
from app.i18n import say
from app.jobs import offload

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.access import Actor

SECRET: Final = "enrolling"  # noqa: S105 - the name of the session's key, not a secret


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
    codes = factor.set_up(second_factor_sealer(), actor.user_id, secret_in_hand(), form.code.data or "")
    if codes is None:
        form.code.errors = [_("Mã không đúng. Hãy nhập mã đang hiện trong ứng dụng.")]
        return _factor_page(form, confirm), 422
    session.pop(SECRET, None)
    session[TOKEN] = commands.confirm_factor(actor)
    return _codes_page(codes, form.next.data)


@bp.post("/account/second-factor/codes")
def renew_codes() -> str | tuple[str, int]:
    """Replace one's recovery codes, after one's password."""
    actor, confirm = current_actor(), ConfirmPasswordForm()
    if not queries.has_second_factor(db.session(), actor.user_id):
        raise InvalidError(say("Hãy bật xác thực hai lớp trước."))
    if not _is_confirmed(actor, confirm):
        return _factor_page(CodeForm(formdata=None), confirm), 422
    codes = factor.renew_recovery_codes(second_factor_sealer(), actor.user_id)
    return _codes_page(codes, None)


def _codes_page(codes: list[str], target: str | None) -> str:
    address = safe_next(target) if target else url_for("accounts.second_factor")
    return render_template("accounts/recovery_codes.html", codes=codes, target=address)


# --- passkeys ---------------------------------------------------------------------------------------------------


@bp.post("/account/passkeys/challenge")
def new_passkey_challenge() -> Response:
    """Ask this device to make a passkey, after one's password."""
    actor, confirm = current_actor(), ConfirmPasswordForm()
    if not _is_confirmed(actor, confirm):
        words = " ".join(map(str, confirm.password.errors))
        raise InvalidError(words or say("Hãy nhập mật khẩu hiện nay."))
    return ask_to_make(actor.sign_in_id or 0, actor.user_id)


@bp.post("/account/passkeys")
def add_passkey() -> Response | str | tuple[str, int]:
    """Keep the passkey that this device has made; show recovery codes to somebody who had none."""
    actor, form = current_actor(), CodeForm()
    codes = keep_made(actor.sign_in_id or 0, actor.user_id)
    form.code.data = ""
    if codes is None:
        fault = _("Chưa tạo được khóa truy cập. Hãy thử lại.")
        return _factor_page(form, ConfirmPasswordForm(formdata=None), fault), 422
    session[TOKEN] = commands.confirm_factor(actor)
    if codes:
        return _codes_page(codes, form.next.data)
    flash(_("Đã thêm khóa truy cập."), "success")
    return redirect(safe_next(form.next.data) if form.next.data else url_for("accounts.second_factor"))


@bp.post("/account/passkeys/<int:passkey_id>/name")
def rename_passkey(passkey_id: int) -> Response:
    """Give one of one's passkeys another name."""
    actor = current_actor()
    key = passkey_for(actor, passkey_id)
    passkeys.rename_passkey(actor, key.id, request.form.get("name", ""))
    flash(_("Đã đổi tên khóa truy cập."), "success")
    return redirect(url_for("accounts.second_factor"))


@bp.post("/account/passkeys/<int:passkey_id>/remove")
def remove_passkey(passkey_id: int) -> Response:
    """Take one of one's passkeys away; the device keeps it, but it opens nothing any more."""
    actor = current_actor()
    key = passkey_for(actor, passkey_id)
    passkeys.remove_passkey(actor, key.id, needs_factor=needs_factor(actor.user_id))
    flash(_("Đã xóa khóa truy cập."), "success")
    return redirect(url_for("accounts.second_factor"))


# --- shared -----------------------------------------------------------------------------------------------------


def _is_confirmed(actor: Actor, confirm: ConfirmPasswordForm) -> bool:
    if not confirm.validate_on_submit():
        return False
    count_code(actor.user_id)
    stored, typed = db.session().get_one(User, actor.user_id).password, confirm.password.data or ""
    db.session().rollback()
    if offload(lambda: verify_password(typed, stored)):
        return True
    confirm.password.errors = [_("Mật khẩu hiện nay không đúng.")]
    return False


def _factor_page(form: CodeForm, confirm: ConfirmPasswordForm, key_fault: str = "") -> str:
    actor = current_actor()
    username = db.session().get_one(User, actor.user_id).username
    form.next.data = form.next.data or request.args.get("next", "")
    return render_template(
        "accounts/second_factor.html",
        form=form,
        confirm=confirm,
        factors=factors_of(db.session(), actor.user_id),
        required=needs_factor(actor.user_id),
        party=this_party(),
        key_fault=key_fault,
        **to_scan(secret_in_hand(), username),
    )


def secret_in_hand() -> str:
    """Return the secret that is being set up on this device, the same until a code proves that the app has it."""
    sealer = second_factor_sealer()
    kept = session.get(SECRET)
    secret = sealer.open(kept) if isinstance(kept, str) else None
    if secret is None:
        secret = new_secret()
        session[SECRET] = sealer.seal(secret)
    return secret


def to_scan(secret: str, username: str) -> dict[str, str]:
    """Return what a page shows for an authenticator app: the secret as a QR code and as text in groups of four."""
    code = segno.make(otpauth_uri(secret, username, _("Bảng Xanh")), error="m", micro=False)
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"qr": code.svg_data_uri(scale=5, border=2), "secret": spaced}
