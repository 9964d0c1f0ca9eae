"""The files that a person had made: how far each is, and taking it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import get_locale

from app.errors import NotFoundError
from app.http import current_actor
from reports.files.commands import note_taking, want_file
from reports.files.queries import file_for, files_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from reports.files.rules import Wanted

bp = Blueprint("files", __name__, template_folder="templates")


@bp.get("/reports/files")
def files() -> str:
    """List the own files of the last days, with how far each is."""
    return render_template("files/files.html", lines=files_of(current_actor()))


@bp.get("/reports/files/<int:report_file_id>/download")
def download(report_file_id: int) -> Response:
    """Hand out one's own file."""
    actor = current_actor()
    row = file_for(actor, report_file_id)
    if row.content is None:
        raise NotFoundError
    note_taking(actor, row)
    headers = {"Content-Disposition": f'attachment; filename="{row.name}"', "X-Content-SHA256": row.sha256}
    return Response(row.content, mimetype=row.mimetype, headers=headers)


def made_later(wanted: Wanted) -> BaseResponse:
    """Have a file of many schools made, and send the reader to the page that says how far it is."""
    want_file(current_actor(), wanted, str(get_locale() or "vi"))
    return redirect(url_for("files.files"))
