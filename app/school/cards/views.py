"""Pages of cards: a school's classes with their cards, sheets to order, the sheets themselves."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor
from app.i18n import say
from app.jobs import Progress, current_jobs
from app.school.cards import commands, queries
from app.school.choosing.views import choose_school
from app.school.queries import latest_year, school_for, schools_for
from app.school.rules import PRINT_CARDS
from app.text import file_name_safe

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.school.cards.queries import Printed

bp = Blueprint("pupil_cards", __name__, template_folder="templates")


@bp.get("/cards")
def schools() -> Response | str:
    """Go to the cards of the one school for which the person prints, or let them choose."""
    found = schools_for(current_actor(), PRINT_CARDS)
    if len(found) == 1:
        return redirect(url_for("pupil_cards.index", school_id=found[0].id))
    return choose_school(_("Thẻ học sinh"), "pupil_cards.index", found)


@bp.get("/schools/<int:school_id>/cards")
def index(school_id: int) -> str:
    """Show how many pupils of each class have a card, and the sheets made of late."""
    unit = school_for(current_actor(), PRINT_CARDS, school_id)
    session, today = db.session(), clock.today()
    year = latest_year(session, today)
    pupil_id = request.args.get("pupil_id", type=int)
    return render_template(
        "cards_of_school/index.html",
        unit=unit,
        pupil=queries.pupil_here(session, school_id, pupil_id, today) if pupil_id else None,
        year=year,
        classes=queries.class_cards(session, school_id, year, today) if year else [],
        prints=queries.prints_of_school(session, school_id),
        progress_of=progress_of,
        form_key=secrets.token_urlsafe(16),
        kept_days=commands.KEPT.days,
    )


@bp.post("/schools/<int:school_id>/cards")
def order(school_id: int) -> Response:
    """Have the sheets of the school, of a class or of one pupil made."""
    actor = current_actor()
    school_for(actor, PRINT_CARDS, school_id)
    year = latest_year(db.session(), clock.today())
    key = request.form.get("key", "")[:64]
    if year is None or not key:
        raise InvalidError(say("Chưa có năm học nào để in thẻ."))
    wanted = commands.Order(
        school_id=school_id,
        year_id=year.id,
        address=current_app.extensions["bangxanh.settings"].public_url or request.host_url.rstrip("/"),
        client_key=key,
        class_id=request.form.get("class_id", type=int),
        pupil_id=request.form.get("pupil_id", type=int),
    )
    commands.order_print(actor, wanted)
    flash(_("Đang tạo tệp thẻ. Bạn có thể rời trang này; tệp sẽ nằm ở “Tệp đã tạo”."), "success")
    return redirect(url_for("pupil_cards.index", school_id=school_id, _anchor="prints"))


@bp.get("/card-prints/<int:print_id>/progress")
def progress(print_id: int) -> Response:
    """Answer the page's question how far the sheets are; have the page load itself anew when they are there."""
    found = queries.print_for(current_actor(), print_id)
    answer = make_response(
        render_template("cards_of_school/progress.html", one=found, progress=progress_of(found))
    )
    if not found.is_waiting:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.get("/card-prints/<int:print_id>/cards.pdf")
def download(print_id: int) -> Response:
    """Hand out sheets of cards; the audit log keeps who took them."""
    actor = current_actor()
    found = queries.print_for(actor, print_id)
    content = queries.content_of(db.session(), print_id)
    if content is None:
        raise InvalidError(say("Tệp này không còn được giữ. Hãy tạo lại."))
    commands.note_download(actor, print_id)
    name = file_name_safe(f"the hoc sinh {found.pupil_name or found.class_name or ''}")
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


def progress_of(found: Printed) -> Progress:
    """Return how far the job of a print is."""
    return current_jobs().progress(found.row.job_id) if found.row.job_id else Progress()
