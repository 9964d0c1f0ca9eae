"""Giving the second factor again before something weighty, such as an export of many people's data."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app import clock, db
from app.accounts import commands, queries
from app.accounts.commands.second_factor import use_code
from app.accounts.forms import CodeForm
from app.accounts.views import TOKEN, bp
from app.accounts.views.passkeys import ask_to_use, count_code, is_proved, second_factor_sealer, ways_of
from app.attempts import Attempt, note_refused
from app.errors import StaleFactorError
from app.http import current_actor, safe_next

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.access import Actor

FRESH: Final = timedelta(minutes=15)
_FILE: Final = re.compile(r"\.(xlsx|pdf|csv|zip|svg|png)(\?|$)|/(export|download)(\?|$)")
"""Addresses that answer with a file: the browser saves it and stays on the page where it was."""


def require_fresh_factor(actor: Actor, what: str) -> None:
    """Let only those go on who gave a second factor on this device within the last quarter of an hour.

    Raises StaleFactorError otherwise. Where the installation does without (development), those who have no second
    factor pass, and the audit log says so.
    """
    if queries.gave_second_factor(db.session(), actor.sign_in_id, clock.now() - FRESH):
        return
    required: bool = current_app.extensions["bangxanh.settings"].second_factor_required
    if required or queries.has_second_factor(db.session(), actor.user_id):
        raise StaleFactorError
    commands.note_let_through(actor, what)


@bp.get("/account/confirm")
def confirm() -> Response | str:
    """Ask for the second factor again; lead those who have none to setting one up.

    With `done` it was given, and what comes is a file: the page says so, since the browser does not leave it.
    """
    actor, target = current_actor(), request.args.get("next")
    if request.args.get("done"):
        return render_template("accounts/confirmed.html", target=safe_next(target))
    if not queries.has_second_factor(db.session(), actor.user_id):
        flash(_("Việc này cần xác thực hai lớp. Hãy bật xác thực hai lớp trước."), "warning")
        return redirect(url_for("accounts.second_factor", next=target))
    form = CodeForm()
    form.next.data = target or ""
    return _page(form)


@bp.post("/account/confirm")
def confirm_code() -> Response | tuple[str, int]:
    """Take a code of the authenticator app, or a recovery code, and go back to where the person was."""
    actor, form = current_actor(), CodeForm()
    if not form.validate_on_submit():
        return _page(form), 422
    count_code(actor.user_id)
    if not use_code(second_factor_sealer(), actor.user_id, form.code.data or ""):
        note_refused(Attempt.SECOND_FACTOR)
        form.code.errors = [
            _("Mã không đúng, đã dùng rồi hoặc đã hết hạn. Hãy nhập mã đang hiện trong ứng dụng.")
        ]
        return _page(form), 422
    return _back(actor, form)


@bp.post("/account/confirm/passkey/challenge")
def confirm_challenge() -> Response:
    """Ask this device for one of the person's passkeys."""
    actor = current_actor()
    return ask_to_use(actor.sign_in_id or 0, actor.user_id)


@bp.post("/account/confirm/passkey")
def confirm_passkey() -> Response | tuple[str, int]:
    """Take a passkey, and go back to where the person was."""
    actor, form = current_actor(), CodeForm()
    if is_proved(actor.sign_in_id or 0, actor.user_id):
        return _back(actor, form)
    note_refused(Attempt.SECOND_FACTOR)
    form.code.data = ""
    return _page(form, _("Khóa truy cập không được chấp nhận. Hãy thử lại hoặc nhập mã.")), 422


def _back(actor: Actor, form: CodeForm) -> Response:
    session[TOKEN] = commands.confirm_factor(actor)
    target = safe_next(form.next.data)
    return redirect(url_for("accounts.confirm", done=1, next=target) if _FILE.search(target) else target)


def _page(form: CodeForm, key_fault: str = "") -> str:
    ways = ways_of(current_actor().user_id)
    return render_template(
        "accounts/confirm.html", form=form, key_fault=key_fault, minutes=_minutes(), **ways
    )


def _minutes() -> int:
    return int(FRESH.total_seconds()) // 60
