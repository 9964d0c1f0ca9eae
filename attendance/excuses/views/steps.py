"""What is done with an excuse: asked back, answered, decided, withdrawn; its papers opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _

from app import db
from app.http import current_actor
from app.jobs import offload
from attendance.excuses.commands import take_step
from attendance.excuses.commands.papers import open_paper
from attendance.excuses.forms import StepForm, sent_files
from attendance.excuses.queries import excuse_for, paper_for
from attendance.excuses.queries.history import papers_kept
from attendance.excuses.rules import DECIDE_EXCUSE, REQUEST_EXCUSE, Step
from attendance.excuses.rules.papers import MIME_TYPES, PaperKind, checked
from attendance.excuses.views.pages import bp

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from attendance.excuses.rules.papers import Paper

NOTHING_ACTIVE: Final = "default-src 'none'; sandbox"


@bp.post("/attendance/excuses/<int:excuse_id>/approve")
def approve(excuse_id: int) -> Response:
    """Approve an excuse."""
    actor = current_actor()
    excuse = excuse_for(actor, DECIDE_EXCUSE, excuse_id)
    take_step(actor, excuse.id, Step.APPROVE, _note())
    flash(_("Đã duyệt đơn xin nghỉ học."), "success")
    return _back(excuse.pupil_id)


@bp.post("/attendance/excuses/<int:excuse_id>/reject")
def reject(excuse_id: int) -> Response:
    """Reject an excuse, with a note."""
    actor = current_actor()
    excuse = excuse_for(actor, DECIDE_EXCUSE, excuse_id)
    take_step(actor, excuse.id, Step.REJECT, _note())
    flash(_("Đã từ chối đơn xin nghỉ học."), "success")
    return _back(excuse.pupil_id)


@bp.post("/attendance/excuses/<int:excuse_id>/ask-back")
def ask_back(excuse_id: int) -> Response:
    """Ask whoever wrote an excuse about it; it waits for the answer."""
    actor = current_actor()
    excuse = excuse_for(actor, DECIDE_EXCUSE, excuse_id)
    take_step(actor, excuse.id, Step.ASK, _note())
    flash(_("Đã hỏi lại. Đơn chờ người gửi trả lời."), "success")
    return _back(excuse.pupil_id)


@bp.post("/attendance/excuses/<int:excuse_id>/answer")
def answer_back(excuse_id: int) -> Response:
    """Answer what the school asked, with papers or without."""
    actor = current_actor()
    excuse = excuse_for(actor, REQUEST_EXCUSE, excuse_id)
    take_step(actor, excuse.id, Step.ANSWER, _note(), _papers(excuse.id))
    flash(_("Đã gửi câu trả lời."), "success")
    return _back(excuse.pupil_id)


@bp.post("/attendance/excuses/<int:excuse_id>/withdraw")
def withdraw(excuse_id: int) -> Response:
    """Withdraw an excuse."""
    actor = current_actor()
    excuse = excuse_for(actor, REQUEST_EXCUSE, excuse_id)
    take_step(actor, excuse.id, Step.WITHDRAW, _note())
    flash(_("Đã rút đơn. Các dấu điểm danh giữ nguyên."), "success")
    return _back(excuse.pupil_id)


@bp.get("/attendance/excuses/papers/<int:excuse_file_id>")
def paper(excuse_file_id: int) -> FileResponse:
    """Hand out a paper to who may decide, and keep in the log that it was opened. A photo is shown, a PDF is saved."""
    actor = current_actor()
    found = paper_for(actor, DECIDE_EXCUSE, excuse_file_id)
    opened = open_paper(actor, found.id)
    answer = make_response(opened.content)
    how = "attachment" if opened.kind is PaperKind.PDF else "inline"
    answer.headers["Content-Type"] = MIME_TYPES[opened.kind]
    answer.headers["Content-Disposition"] = (
        f'{how}; filename="don-{found.excuse_id}-{found.id}.{opened.kind}"'
    )
    answer.headers["Content-Security-Policy"] = NOTHING_ACTIVE
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _note() -> str:
    form = StepForm()
    form.validate_on_submit()
    return (form.note.data or "").strip()[:200]


def _papers(excuse_id: int) -> tuple[Paper, ...]:
    files, present = sent_files(StepForm().files), papers_kept(db.session(), excuse_id)
    return offload(lambda: checked(files, present)) if files else ()


def _back(pupil_id: int) -> Response:
    """Go back to where the button was: the list when it said so, else the pupil's own excuses."""
    if request.form.get("back") == "list":
        return redirect(url_for("excuses.index"))
    return redirect(url_for("excuses.of_pupil", pupil_id=pupil_id))
