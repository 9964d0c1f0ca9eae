"""Entering figures: a correction never changes what was entered before, it follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError
from app.i18n import say
from reports.inputs.models import EnteredFigure
from reports.inputs.queries import figures_of
from reports.inputs.rules import LONGEST_SOURCE

if TYPE_CHECKING:
    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.inputs.rules import Answer


def enter_figure(actor: Actor, unit: OrgUnit, year_code: str, answer: Answer, seen_revision: int) -> int:
    """Store an answer as the next revision and return its number. The same answer twice is one revision.

    Raises ConflictError when somebody else entered another one since `seen_revision` (0: nothing yet).
    """
    changed = ConflictError(say("Người khác vừa nhập số này. Hãy tải lại trang rồi xem lại."))
    try:
        with db.transaction() as session:
            newest = figures_of(session, [unit.id], year_code).get((unit.id, answer.item))
            known = newest.revision if newest else 0
            if newest and (newest.part, newest.whole, newest.source) == _values(answer):
                return known
            if known != seen_revision:
                raise changed
            part, whole, source = _values(answer)
            session.add(
                EnteredFigure(
                    unit_id=unit.id,
                    year_code=year_code,
                    item=answer.item,
                    revision=known + 1,
                    part=part,
                    whole=whole,
                    source=source,
                    user_id=actor.user_id or None,
                    user_name=actor.name,
                    at=clock.now(),
                )
            )
            session.flush()
            details = {
                "year": year_code,
                "item": answer.item.value,
                "part": part,
                "whole": whole,
                "source": source,
            }
            record(session, actor, "indicator.entered", ("unit", unit.id), details)
            return known + 1
    except IntegrityError as error:
        raise changed from error


def _values(answer: Answer) -> tuple[int, int | None, str]:
    return answer.part, answer.whole, answer.source.strip()[:LONGEST_SOURCE]
