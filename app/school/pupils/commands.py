"""What the office writes down about a pupil, and the trace of who looked at what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import InvalidError
from app.i18n import say
from app.school.models import Pupil
from app.school.pupils.rules import checked
from app.text import fold, sort_key

if TYPE_CHECKING:
    from app.access import Actor
    from app.school.pupils.rules import Basics


def edit_pupil(actor: Actor, pupil_id: int, basics: Basics) -> None:
    """Write down what the office knows of a pupil. Saying again what is written changes nothing.

    A ministry code takes the place of the temporary key; the pupil stays the same one. Raises InvalidError on bad
    input, or when another pupil has the code: then one person has two records, or somebody has mistyped.
    """
    new = checked(basics, clock.today())
    try:
        with db.transaction() as session:
            pupil = session.get_one(Pupil, pupil_id, with_for_update=True)
            before = _written(pupil)
            owner = session.scalar(select(Pupil.id).where(Pupil.ministry_code == (new.ministry_code or None)))
            if owner is not None and owner != pupil_id:
                raise _taken(new.ministry_code)
            _write(pupil, new)
            after = _written(pupil)
            if changed := {
                name: [before[name], after[name]] for name in after if before[name] != after[name]
            }:
                record(session, actor, "pupil.edited", ("pupil", pupil_id), changed)
    except IntegrityError as error:
        raise _taken(new.ministry_code) from error


def note_sensitive_view(actor: Actor, pupil_id: int) -> None:
    """Note in the audit log that somebody looked at a pupil's ethnicity and disability."""
    with db.transaction() as session:
        record(session, actor, "pupil.sensitive_viewed", ("pupil", pupil_id))


def note_export(actor: Actor, school_id: int, count: int) -> None:
    """Note in the audit log that somebody took a list of pupils away."""
    with db.transaction() as session:
        record(session, actor, "pupils.exported", ("unit", school_id), {"count": count})


def _write(pupil: Pupil, new: Basics) -> None:
    pupil.full_name = new.full_name
    pupil.name_fold, pupil.name_sort = fold(new.full_name), sort_key(new.full_name)
    pupil.birth_date, pupil.sex = new.birth_date, new.sex or None
    if new.ministry_code:
        pupil.ministry_code, pupil.temporary_key = new.ministry_code, None


def _written(pupil: Pupil) -> dict[str, str | None]:
    return {
        "full_name": pupil.full_name,
        "birth_date": pupil.birth_date.isoformat() if pupil.birth_date else None,
        "sex": pupil.sex,
        "ministry_code": pupil.ministry_code,
        "temporary_key": pupil.temporary_key,
    }


def _taken(code: str) -> InvalidError:
    return InvalidError(
        say("Mã định danh %(code)s đã là của một học sinh khác. Không ghi gì.", code=code),
        {"ministry_code": say("Mã này đã có người mang. Hãy kiểm tra lại, có thể em có hai hồ sơ.")},
    )
