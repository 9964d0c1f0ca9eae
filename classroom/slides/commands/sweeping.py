"""Every night: letting go of the files and pictures that no plan, no version and no lesson shows any more."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, or_, select

from app import clock, db
from classroom.activities.models import Activity
from classroom.bank.models import PlanVersion
from classroom.slides.models import PlanDeck, SlideFile
from classroom.slides.queries import folder_of
from classroom.slides.rules import GONE, FileState

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sqlalchemy.orm import Session

KEPT: Final = timedelta(days=30)
"""How long a file stays that was just uploaded, or just taken out of its plan: it may be put back."""
_NAMES: Final = re.compile("[0-9a-f]{64}")


def sweep_files(root: Path) -> None:
    """Let go of what lies below `root` for nobody. Its row stays, refused as gone: brought again, it is drawn again.

    A file that hangs on a plan, or that any version of a plan or any lesson names, is never touched.
    """
    for file_id in _forgotten(db.session()):
        with db.transaction() as session:
            query = select(SlideFile).where(SlideFile.id == file_id).with_for_update()
            file = session.scalars(query).one()
            # Asked again under the lock: somebody may have brought it back meanwhile.
            if file_id in _forgotten(session, [file_id]):
                file.state, file.fault, file.pages = FileState.REFUSED, GONE, "[]"
                shutil.rmtree(folder_of(root, file.sha256), ignore_errors=True)


def _forgotten(session: Session, among: Collection[int] | None = None) -> list[int]:
    """Return the files that hang on no plan, are not new, and that no version and no lesson names."""
    since = clock.now() - KEPT
    hangs = exists().where(
        PlanDeck.file_id == SlideFile.id,
        or_(PlanDeck.taken_out_at.is_(None), PlanDeck.taken_out_at > since),
    )
    query = select(SlideFile.id, SlideFile.sha256).where(
        SlideFile.uploaded_at < since,
        SlideFile.state != FileState.DRAWING,
        SlideFile.fault != GONE,
        ~hangs,
    )
    if among is not None:
        query = query.where(SlideFile.id.in_(among))
    found = {row.sha256: row.id for row in session.execute(query)}
    named = _named(session) if found else set[str]()
    return [file_id for sha256, file_id in found.items() if sha256 not in named]


def _named(session: Session) -> set[str]:
    """Return every file that a plan's version or a lesson's activity names, read a few at a time."""
    named = set[str]()
    for column in (PlanVersion.questions, Activity.content):
        texts = select(column).where(column.contains('"file"')).execution_options(yield_per=200)
        for text in session.scalars(texts):
            named.update(_NAMES.findall(text))
    return named
