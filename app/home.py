"""The first page after signing in, and the page of a running job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, jsonify, render_template
from sqlalchemy import select

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor, translate
from app.jobs import Job, JobState, Progress, current_jobs

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> str:
    """Show what is due now: each feature contributes a card, those that have nothing to say stay silent."""
    actor = current_actor()
    built = [(card.template, card.build(actor)) for card in current_app.extensions["bangxanh.home"]]
    cards = [(template, context) for template, context in built if context is not None]
    return render_template("home.html", cards=cards, moment=clock.local(clock.now()))


@bp.get("/styleguide")
@bp.get("/styleguide/<any(stage):page>")
def styleguide(page: str = "") -> str:
    """Show every component of docs/frontend.md, to those who build the product; production has no such page."""
    if current_app.extensions["bangxanh.settings"].is_production:
        raise NotFoundError
    return render_template("styleguide_stage.html" if page else "styleguide.html")


def job_for(user_id: int, job_id: int) -> Job:
    """Return one's own job; anybody else's is not found."""
    job = db.session().scalar(select(Job).where(Job.id == job_id, Job.user_id == user_id))
    if job is None:
        raise NotFoundError
    return job


@bp.get("/jobs/<int:job_id>")
def job(job_id: int) -> Response:
    """Say how far one's own job is, for a progress bar: state, percent, message, error, result."""
    found = job_for(current_actor().user_id, job_id)
    progress = current_jobs().progress(job_id) if found.state == JobState.RUNNING else Progress()
    return jsonify(
        {
            "state": found.state,
            "percent": 100 if found.state == JobState.DONE else progress.percent,
            "message": translate(progress.message),
            "error": translate(found.error or ""),
            "result": json.loads(found.result) if found.result else None,
        }
    )
