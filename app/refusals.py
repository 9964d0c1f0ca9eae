"""How errors are told over HTTP, once for everybody: as a page, as a fragment for htmx, as JSON for a program."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from app import db
from app.attempts import Attempt, note_refused
from app.errors import (
    BangXanhError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    SignedOutError,
    StaleFactorError,
)
from app.http import SAFE_PATH, is_fragment, translate, wants_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as BaseResponse


_WAYS_BACK = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.CONFLICT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    }
)
"""After these the page with the form is of use again, and the page of the error leads there."""


def init_app(app: Flask) -> None:
    """Have every error of a view translated here."""
    app.register_error_handler(BangXanhError, _tell_error)
    app.register_error_handler(CSRFError, _tell_csrf_error)
    app.register_error_handler(HTTPException, _tell_http_error)
    app.register_error_handler(DataError, _tell_bad_data)
    app.register_error_handler(Exception, _tell_unexpected)


def _tell_error(error: BangXanhError) -> BaseResponse:
    db.session().rollback()
    if isinstance(error, ForbiddenError):
        note_refused(Attempt.FORBIDDEN, needs=str(error))
    if isinstance(error, SignedOutError):
        return _ask_to_sign_in()
    if isinstance(error, StaleFactorError):
        return _ask_for_factor()
    if isinstance(error, NotFoundError):
        return _not_found()
    extra: dict[str, object] = {}
    status = 400
    headers = {}
    if isinstance(error, ConflictError):
        status, extra = 409, {"current": dict(error.current)}
    elif isinstance(error, InvalidError):
        status, extra = 422, {"fields": {name: translate(why) for name, why in error.fields.items()}}
    elif isinstance(error, RateLimitedError):
        note_refused(Attempt.TOO_OFTEN)
        status, headers = 429, {"Retry-After": str(error.retry_after)}
    message = error.message if hasattr(error, "message") else str(error)
    response = _answer(status, translate(message), extra)
    response.headers.update(headers)
    return response


def _ask_to_sign_in() -> BaseResponse:
    reads = request.method in {"GET", "HEAD"}
    address = url_for("accounts.sign_in", next=request.full_path if reads else None)
    if is_fragment():
        return Response(status=401, headers={"HX-Redirect": address})
    if wants_json() or not reads:
        return _answer(401, gettext("Phiên đăng nhập đã hết. Hãy đăng nhập lại."), {"sign_in": address})
    return redirect(address)


def _ask_for_factor() -> BaseResponse:
    """Send the person to give the second factor and back: to the page itself, or to the one with the button."""
    address = url_for("accounts.confirm", next=request.full_path if request.method == "GET" else _came_from())
    if is_fragment():
        return Response(status=401, headers={"HX-Redirect": address})
    if wants_json():
        return _answer(403, gettext("Hãy xác thực hai lớp lại rồi thử lại."), {"confirm": address})
    return redirect(address)


def _came_from() -> str | None:
    """Return the path of the page of ours on which a button was pressed."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return None
    address = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return address if SAFE_PATH.fullmatch(address) else None


def _not_found() -> BaseResponse:
    """Absent and forbidden: one answer, to the byte."""
    return _answer(404, gettext("Không tìm thấy trang này, hoặc bạn không có quyền xem."), {})


def _tell_csrf_error(error: CSRFError) -> BaseResponse:
    note_refused(Attempt.FORGED_FORM, why=error.description)
    return _answer(400, gettext("Trang đã mở quá lâu. Hãy tải lại trang rồi thử lại."), {})


def _tell_http_error(error: HTTPException) -> BaseResponse:
    db.session().rollback()
    if error.response is not None:
        return error.response  # type: ignore[return-value] # a redirect or a ready answer raised by a library
    if error.code in {403, 404, 405}:
        return _not_found()
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _answer(413, gettext("Tệp hoặc nội dung gửi lên quá lớn."), {})
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        return _answer(429, gettext("Bạn đã thử quá nhiều lần. Hãy đợi vài phút rồi thử lại."), {})
    return _answer(error.code or 500, gettext("Yêu cầu không hợp lệ. Hãy quay lại và thử lại."), {})


def _tell_bad_data(error: DataError) -> BaseResponse:
    """Answer input that no column can hold (a NUL character, a number beyond its range): the sender's fault."""
    del error
    db.session().rollback()
    return _answer(400, gettext("Yêu cầu không hợp lệ. Hãy quay lại và thử lại."), {})


def _tell_unexpected(error: Exception) -> BaseResponse:
    db.session().rollback()
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    current_app.logger.error("unexpected error on %s %s", request.method, request.path, exc_info=error)
    try:
        return _answer(500, gettext("Máy chủ gặp lỗi. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên."), {})
    except Exception:  # the page of errors asks the database who reads it, and that may be what is broken
        current_app.logger.exception("the page of errors failed as well")
        words = Path(current_app.static_folder or "", "stopped.html").read_text(encoding="utf-8")
        return Response(words, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _answer(status: int, message: str, extra: Mapping[str, object]) -> BaseResponse:
    if wants_json():
        response = jsonify({"ok": False, "message": message, **extra})
    elif is_fragment():
        response = Response(render_template("error_fragment.html", message=message))
    else:
        back = _came_from() if request.method == "POST" and status in _WAYS_BACK else None
        response = Response(
            render_template("error.html", status=status, message=message, extra=extra, back=back)
        )
    response.status_code = status
    return response
