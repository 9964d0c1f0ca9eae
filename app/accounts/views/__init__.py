"""Pages of one's own account: sign in, sign out here or everywhere, devices, password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_security.utils import hash_password, login_user, logout_user, verify_password

from app import clock, db, realtime
from app.accounts import commands, queries
from app.accounts.forms import PasswordForm, SignInForm
from app.accounts.models import User
from app.accounts.rules import ROLE_NAMES, device_name, password_fault
from app.accounts.rules.steps import PENDING_MINUTES, Standing, Step, next_step
from app.accounts.views.tries import count_try, remember_device
from app.attempts import Attempt, note_refused
from app.cookies import forget_cookie, is_secure_only
from app.errors import InvalidError, NotFoundError
from app.http import LANGUAGE_COOKIE, current_actor, safe_next, translate
from app.i18n import LANGUAGES, say
from app.jobs import offload

if TYPE_CHECKING:
    from flask import Flask
    from flask import Response as FlaskResponse
    from werkzeug.wrappers import Response

    from app.access import Actor

bp = Blueprint("accounts", __name__, template_folder="../templates")
KEPT_COOKIE: Final = "bx_kept"
TOKEN: Final = "sign_in"  # noqa: S105 - the name of the session's key, not a secret
YEAR: Final = 365 * 24 * 3600
STEP_PAGES: Final = {
    Step.CODE: "accounts.give_code",
    Step.PASSWORD: "accounts.first_password",
    Step.ENROLMENT: "accounts.enrol",
}


def find_actor() -> Actor | None:
    """Return who is signed in on this device, None when nobody is, a step is still due or the sign-in was ended."""
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    found = queries.device_of_token(db.session(), token, clock.today())
    if found is None:
        return None
    actor, seen_at = found
    if clock.now() - seen_at > commands.SEEN_EVERY:
        g.unnoted_sign_in = actor.sign_in_id
    return actor


@bp.after_app_request
def _note_use(response: FlaskResponse) -> FlaskResponse:
    """Have the use of a device noted when the answer is on its way, at most every five minutes."""
    sign_in_id = g.pop("unnoted_sign_in", None)
    if sign_in_id is not None:
        app = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask's documented way
        response.call_on_close(lambda: _note(app, sign_in_id))
    return response


def _note(app: Flask, sign_in_id: int) -> None:
    with app.app_context():
        commands.touch_sign_in(sign_in_id)


@dataclass(frozen=True, slots=True)
class Pending:
    """A device whose password was right and that owes a step."""

    sign_in_id: int
    user_id: int
    username: str
    full_name: str
    step: Step
    gave_factor: bool
    must_change_password: bool


def pending() -> Pending | None:
    """Return the sign-in of this device that still waits for a step, None when there is none or it took too long."""
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    since = clock.now() - timedelta(minutes=PENDING_MINUTES)
    found = queries.pending_sign_in(db.session(), token, since)
    if found is None:
        return None
    row, user = found
    return Pending(
        row.id,
        user.id,
        user.username,
        user.full_name,
        Step(row.waits_for or ""),
        row.factor_at is not None,
        user.must_change_password,
    )


def step_address(step: Step, target: str | None) -> str:
    """Return the address of the page of a step, which leads on to `target`."""
    return url_for(STEP_PAGES[step], next=target or None)


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """Sign in with user name and password; go on to where the person wanted to go."""
    form = SignInForm()
    if request.method == "GET" and "again" not in request.args and (waiting := pending()):
        return redirect(step_address(waiting.step, request.args.get("next")))
    if not form.validate_on_submit():
        form.next.data = form.next.data or request.args.get("next", "")
        return remember_device(make_response(render_template("accounts/sign_in.html", form=form)))
    username, password = form.username.data or "", form.password.data or ""
    count_try(username)
    user = _checked_user(username, password)
    if user is None:
        known = queries.user_by_name(db.session(), username)
        note_refused(Attempt.SIGN_IN, user=known.id if known else None)
        form.password.errors = [_("Tên đăng nhập hoặc mật khẩu không đúng.")]
        return remember_device(make_response(render_template("accounts/sign_in.html", form=form), 422))
    return remember_device(_begin(user, form.next.data), user.username_fold)


def _begin(user: User, target: str | None) -> Response:
    """Begin the sign-in of an account whose password was right: go on to the step that is due, or into the house."""
    current = db.session()
    standing = Standing(
        has_factor=queries.has_second_factor(current, user.id),
        gave_factor=False,
        must_change_password=user.must_change_password,
        needs_factor=needs_factor(user.id),
    )
    step = next_step(standing)
    token = commands.begin_sign_in(user.id, device_name(request.user_agent.string), step)
    session.clear()
    if step is not None:
        session[TOKEN] = token
        return redirect(step_address(step, target))
    login_user(user)
    session[TOKEN] = token
    return redirect(safe_next(target))


def needs_factor(user_id: int) -> bool:
    """Say whether an account's roles ask for a second factor in this installation."""
    required: bool = current_app.extensions["bangxanh.settings"].second_factor_required
    return required and queries.holds_strong_role(db.session(), user_id, clock.today())


def _checked_user(username: str, password: str) -> User | None:
    """Check the password off the event loop, in the same time whether or not there is such an account."""
    user = queries.user_by_name(db.session(), username)
    stored = user.password if user else _decoy()
    db.session().rollback()
    matches = offload(lambda: verify_password(password, stored))
    return user if user and user.active and matches else None


_decoys: list[str] = []


def _decoy() -> str:
    if not _decoys:
        _decoys.append(offload(lambda: hash_password(secrets.token_hex(16))))
    return _decoys[0]


@bp.post("/logout")
def sign_out() -> Response:
    """Sign out on this device: its requests and sockets end at once."""
    actor = current_actor()
    _drop(commands.end_sign_in(actor, actor.sign_in_id or 0))
    return _forgotten()


@bp.post("/logout/everywhere")
def sign_out_everywhere() -> Response:
    """Sign out on every device, this one too."""
    _drop(commands.end_all_sign_ins(current_actor()))
    return _forgotten()


@bp.post("/account/devices/<int:sign_in_id>/end")
def end_device(sign_in_id: int) -> Response:
    """Sign out one of one's own devices; somebody else's is not found."""
    ended = commands.end_sign_in(current_actor(), sign_in_id)
    if not ended:
        raise NotFoundError
    _drop(ended)
    flash(_("Đã đăng xuất thiết bị đó."), "success")
    return redirect(url_for("accounts.account"))


def _drop(sign_in_ids: list[int]) -> None:
    for sign_in_id in sign_in_ids:
        realtime.disconnect_session(sign_in_id)


def _forgotten() -> Response:
    logout_user()
    session.clear()
    response = redirect(url_for("accounts.sign_in"))
    response.headers["Clear-Site-Data"] = '"cache"'
    forget_cookie(response, KEPT_COOKIE, same_site="Strict")  # without it a device cannot open what it keeps
    return response


@bp.get("/account")
def account() -> str:
    """Show one's devices, roles and the form to change the password."""
    return _account_page(PasswordForm())


@bp.post("/account/password")
def change_password() -> Response | tuple[str, int]:
    """Change the password; every other device is signed out, and a copy of this one's cookie is dead too."""
    form, actor = PasswordForm(), current_actor()
    user = db.session().get_one(User, actor.user_id)
    stored, username = user.password, user.username
    db.session().rollback()
    if form.validate_on_submit():
        old, new = form.current.data or "", form.new.data or ""
        count_try(username)
        if not offload(lambda: verify_password(old, stored)):
            form.current.errors = [_("Mật khẩu hiện nay không đúng.")]
        elif fault := password_fault(new, username):
            form.new.errors = [translate(fault)]
        else:
            new_hash = offload(lambda: hash_password(new))
            _drop(commands.change_password(actor, new_hash))
            session[TOKEN] = commands.renew_token(actor)
            flash(_("Đã đổi mật khẩu. Các thiết bị khác đã được đăng xuất."), "success")
            return redirect(url_for("accounts.account"))
    return _account_page(form), 422


def _account_page(form: PasswordForm) -> str:
    actor = current_actor()
    return render_template(
        "accounts/account.html",
        form=form,
        sign_ins=queries.open_sign_ins(db.session(), actor.user_id),
        has_factor=queries.has_second_factor(db.session(), actor.user_id),
        roles=sorted({translate(ROLE_NAMES[role]) for role in actor.roles}),
    )


@bp.post("/language")
def choose_language() -> Response:
    """Remember the language on this device and go back to the page."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise InvalidError(say("Ngôn ngữ này chưa có."))
    response = redirect(safe_next(request.form.get("next")))
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=is_secure_only())
    return response
