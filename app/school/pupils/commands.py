"""What the office writes down about a pupil, and the trace of who looked at what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.audit.queries import entry_of_forgetting
from app.audit.rules import IS_FORGOTTEN
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.models import Pupil
from app.school.pupils.queries import mark_of
from app.school.pupils.rules import NOTHING, checked, ethnicity_code
from app.school.rules import ETHNICITY_CODES
from app.text import fold, sort_key

if TYPE_CHECKING:
    from app.access import Actor
    from app.school.pupils.rules import Basics


def edit_pupil(actor: Actor, pupil_id: int, basics: Basics, seen: str | None = None) -> None:
    """Write down what the office knows of a pupil. Saying again what is written changes nothing.

    A ministry code takes the place of the temporary key; the pupil stays the same one. Raises InvalidError on bad
    input, or when another pupil has the code: then one person has two records, or somebody has mistyped. Raises
    ConflictError when the record is no longer what the person saw (`seen`, from `queries.mark_of`), or was forgotten.
    """
    new = checked(basics, clock.today())
    try:
        with db.transaction() as session:
            pupil = session.get_one(Pupil, pupil_id, with_for_update=True)
            if entry_of_forgetting(session, pupil_id):
                raise ConflictError(IS_FORGOTTEN)
            if seen is not None and seen != mark_of(pupil):
                raise ConflictError(say("Hồ sơ vừa được người khác sửa. Hãy mở lại trang rồi sửa tiếp."))
            before = _written(pupil)
            owner = session.scalar(select(Pupil.id).where(Pupil.ministry_code == (new.ministry_code or None)))
            if owner is not None and owner != pupil_id:
                raise _taken(new.ministry_code)
            _write(pupil, new)
            after = _written(pupil)
            changed: dict[str, object] = {
                name: True if name in _UNTOLD else [before[name], after[name]]
                for name in after
                if before[name] != after[name]
            }
            if changed:
                record(session, actor, "pupil.edited", ("pupil", pupil_id), changed)
    except IntegrityError as error:
        raise _taken(new.ministry_code) from error


_UNTOLD = frozenset({"ethnicity", "disability"})
"""Of these the log says that they changed, not into what: it cannot be corrected and is read by others."""


def note_sensitive_view(actor: Actor, pupil_id: int) -> None:
    """Note in the audit log that somebody looked at a pupil's ethnicity and disability."""
    with db.transaction() as session:
        record(session, actor, "pupil.sensitive_viewed", ("pupil", pupil_id))


def _write(pupil: Pupil, new: Basics) -> None:
    pupil.full_name = new.full_name
    pupil.name_fold, pupil.name_sort = fold(new.full_name), sort_key(new.full_name)
    pupil.birth_date, pupil.sex = new.birth_date, new.sex or None
    if new.ministry_code:
        pupil.ministry_code, pupil.temporary_key = new.ministry_code, None
    if new.disability:
        pupil.disability = None if new.disability == NOTHING else new.disability
    if new.ethnicity:
        is_known = new.ethnicity != NOTHING
        pupil.ethnicity = new.ethnicity if is_known else None
        pupil.ethnicity_code_set = ETHNICITY_CODES if is_known else None
        pupil.ethnicity_code = ethnicity_code(new.ethnicity) if is_known else None


def _written(pupil: Pupil) -> dict[str, str | None]:
    return {
        "full_name": pupil.full_name,
        "birth_date": pupil.birth_date.isoformat() if pupil.birth_date else None,
        "sex": pupil.sex,
        "ministry_code": pupil.ministry_code,
        "temporary_key": pupil.temporary_key,
        "ethnicity": pupil.ethnicity,
        "disability": pupil.disability,
    }


def _taken(code: str) -> InvalidError:
    return InvalidError(
        say("Mã định danh %(code)s đã là của một học sinh khác. Không ghi gì.", code=code),
        {"ministry_code": say("Mã này đã có người mang. Hãy kiểm tra lại, có thể em có hai hồ sơ.")},
    )
