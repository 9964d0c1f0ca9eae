"""A question sheet from a file into the plan editor; nothing is stored before the plan is saved."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app import db
from app.errors import InvalidError
from app.http import current_actor
from app.i18n import say
from app.jobs import offload
from classroom.activities.rules import RULES
from classroom.activities.rules.reading import read_questions
from classroom.bank.queries import own_plan_for
from classroom.bank.rules import LONGEST_PLAN
from classroom.sheets.forms import SheetForm
from classroom.sheets.rules import LARGEST_FILE, sheet_in
from classroom.slides.queries import decks_of, slides_by_number

bp = Blueprint("sheets", __name__, template_folder="templates")


@bp.post("/plans/sheet")
def read() -> str:
    """Put a file's questions behind the text of the editor and show how they are read. ?plan= as in the preview."""
    form = SheetForm()
    if not form.validate():
        raise InvalidError(say("Hãy chọn một tệp Word (.docx) hoặc Excel (.xlsx)."))
    name, content = form.sheet.data.filename or "", form.sheet.data.read(LARGEST_FILE + 1)
    sheet = sheet_in(name, content, offload)
    text = f"{form.text.data or ''}\n\n{sheet.text}".strip()
    if len(text) > LONGEST_PLAN:
        raise InvalidError(say("Tệp này dài hơn một kế hoạch. Hãy tách thành nhiều tệp."))
    plan_id = request.args.get("plan", type=int)
    found = decks_of(db.session(), own_plan_for(current_actor(), plan_id).id) if plan_id else []
    return render_template(
        "bank/preview.html",
        reading=read_questions(text, slides_by_number(found)),
        text=text,
        sheet=sheet,
        taken=(name, form.text.data or ""),
        rules=RULES,
        plan_id=plan_id,
        pictures={deck.file.sha256: deck.id for deck in found},
    )
