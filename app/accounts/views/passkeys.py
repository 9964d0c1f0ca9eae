"""What the pages with passkeys share: whom passkeys are for here, what a device is asked, whether its answer holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import current_app, jsonify, request
from flask_babel import gettext as _
from limits import parse

from app import clock, db
from app.accounts import queries
from app.accounts.commands import passkeys as commands
from app.accounts.models import User
from app.accounts.queries.passkeys import Factors, factors_of, known_keys
from app.accounts.rules import device_name
from app.accounts.rules.passkeys import (
    Holder,
    assertion_options,
    key_name,
    registration_options,
    relying_party,
)
from app.accounts.rules.sealing import Sealer
from app.accounts.rules.steps import Ask
from app.accounts.views.tries import hit
from app.errors import ConflictError, InvalidError, RateLimitedError
from app.i18n import say

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.accounts.rules.passkeys import RelyingParty

CODES_PER_PERSON: Final = parse("10 per 5 minutes")
CHALLENGES_PER_PERSON: Final = parse("60 per 5 minutes")


def second_factor_sealer() -> Sealer:
    """Return what seals authenticator secrets in this installation."""
    return Sealer(current_app.config["SECRET_KEY"], "second-factor")


def count_code(user_id: int) -> None:
    """Count a try of a code; raise RateLimitedError after ten. Only who knows the password gets to try."""
    if not hit(CODES_PER_PERSON, "code", str(user_id)):
        raise RateLimitedError(say("Đã thử quá nhiều mã. Hãy đợi 5 phút rồi thử lại."), 300)


def this_party() -> RelyingParty | None:
    """Return whom passkeys are for at this address, None where browsers offer none.

    The public address of the installation counts; without one the host that was asked, as the trusted proxies say.
    """
    settings = current_app.extensions["bangxanh.settings"]
    return relying_party(settings.public_url, request.host_url)


def must_party() -> RelyingParty:
    """Return whom passkeys are for here; raise InvalidError where there can be none."""
    party = this_party()
    if party is None:
        raise InvalidError(
            say(
                "Khóa truy cập chỉ dùng được khi mở trang bằng địa chỉ https:// có tên miền. Hãy dùng mã xác thực."
            )
        )
    return party


def needs_verification(user_id: int) -> bool:
    """Say whether a device must check its owner (PIN, finger, face) for this account: its roles are strong."""
    return queries.holds_strong_role(db.session(), user_id, clock.today())


def ask_to_make(sign_in_id: int, user_id: int) -> Response:
    """Answer with what a browser needs in order to make a passkey."""
    party = must_party()
    _count_challenge(user_id)
    user = db.session().get_one(User, user_id)
    holder = Holder(commands.handle_of(second_factor_sealer(), user_id), user.username, user.full_name)
    known, strong = known_keys(db.session(), user_id, party.name), needs_verification(user_id)
    challenge = commands.ask(sign_in_id, Ask.MAKE)
    return _options(
        registration_options(party, _("Bảng Xanh"), holder, challenge, known=known, strong=strong)
    )


def ask_to_use(sign_in_id: int, user_id: int) -> Response:
    """Answer with what a browser needs in order to use one of the person's passkeys."""
    party = must_party()
    _count_challenge(user_id)
    known = known_keys(db.session(), user_id, party.name)
    if not known:
        raise InvalidError(say("Tài khoản này chưa có khóa truy cập cho địa chỉ này. Hãy dùng mã xác thực."))
    strong = needs_verification(user_id)
    return _options(assertion_options(party, commands.ask(sign_in_id, Ask.USE), known, strong=strong))


def _options(options: dict[str, Any]) -> Response:
    return jsonify({"ok": True, "options": options})


def _count_challenge(user_id: int) -> None:
    if not hit(CHALLENGES_PER_PERSON, "challenge", str(user_id)):
        raise RateLimitedError(say("Đã thử quá nhiều lần. Hãy đợi 5 phút rồi thử lại."), 300)


def keep_made(sign_in_id: int, user_id: int) -> list[str] | None:
    """Keep the passkey of the form that was sent; new recovery codes, an empty list, or None when it does not hold."""
    name = key_name(request.form.get("name", ""), device_name(request.user_agent.string))
    strong = needs_verification(user_id)
    return commands.keep_passkey(
        second_factor_sealer(), (sign_in_id, user_id), must_party(), _answer(), name, strong=strong
    )


def is_proved(sign_in_id: int, user_id: int) -> bool:
    """Say whether the form that was sent carries proof of one of the person's passkeys."""
    strong = needs_verification(user_id)
    return commands.use_passkey(
        second_factor_sealer(), (sign_in_id, user_id), must_party(), _answer(), strong=strong
    )


def _answer() -> str:
    return request.form.get("credential", "")


def ways_of(user_id: int) -> dict[str, object]:
    """Return what a page that asks for the second factor shows: the app, passkeys that work at this address, codes."""
    found: Factors = factors_of(db.session(), user_id)
    party = this_party()
    here = [key for key in found.passkeys if party and key.relying_party == party.name]
    return {"has_app": found.has_app, "passkeys_here": here, "passkeys": found.passkeys}


def gone() -> ConflictError:
    """Return the error for a device whose sign-in no longer waits for the step."""
    return ConflictError(say("Lượt đăng nhập này đã hết hạn. Hãy tải lại trang rồi đăng nhập lại."))
