"""What a signed-in person's device may keep its own things under: a key that only the signed-in account is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import jsonify
from flask_wtf.csrf import generate_csrf

from app.accounts.views import KEPT_COOKIE, bp
from app.cookies import set_cookie
from app.http import current_actor
from app.sealing import sealer_for

if TYPE_CHECKING:
    from flask import Response

KEPT_SECONDS: Final = 12 * 3600
"""A school day. Afterwards the browser forgets its share of the key by itself, whoever holds the device then."""


@bp.get("/account/device")
def device() -> Response:
    """Say who is signed in, with this account's key for what the device keeps, and a fresh CSRF token.

    The key is the account's, so that what waits on a device can be read after the next sign-in and by nobody else. The
    device keeps it wrapped, and half of the wrapping is in a cookie of this sign-in: see docs/adr/0037.
    """
    actor = current_actor()
    answer = jsonify(
        {
            "user": actor.user_id,
            "name": actor.name,
            "key": sealer_for("device.key").digest(str(actor.user_id)),
            "csrf": generate_csrf(),
        }
    )
    half = sealer_for("device.share").digest(str(actor.sign_in_id))
    # The page's half of the key that wraps; the other half never leaves the device.
    set_cookie(answer, KEPT_COOKIE, half, KEPT_SECONDS, same_site="Strict", is_for_scripts=True)
    return answer
