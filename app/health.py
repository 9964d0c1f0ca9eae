"""Health, for whoever watches the server: whether the process answers, and whether database and worker do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, jsonify
from sqlalchemy import text

from app import db
from app.jobs import current_jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as BaseResponse

_VERSION = text("SELECT version_num FROM alembic_version")
"""What a database without tables does not answer either."""
health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> BaseResponse:
    """Say that the process answers; nothing else is looked at."""
    return jsonify({"status": "ok"})


@health.get("/readyz")
def readyz() -> tuple[BaseResponse, int]:
    """Say whether the database and a worker answer; status 503 when one does not."""
    parts = {
        "database": _answers(lambda: db.session().scalar(_VERSION) is not None),
        "worker": _answers(lambda: current_jobs().is_alive()),
    }
    good = all(parts.values())
    words = {name: "ok" if state else "no answer" for name, state in parts.items()}
    return jsonify({"status": "ok" if good else "not ready", **words}), 200 if good else 503


def _answers(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Exception:  # whatever is wrong, the answer to "is it there" is no
        current_app.logger.exception("readiness check failed")
        db.session().rollback()
        return False
