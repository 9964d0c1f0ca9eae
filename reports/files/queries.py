"""The files that an account wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.errors import NotFoundError
from app.jobs import Job, JobState, Progress, current_jobs
from reports.files.models import ReportFile
from reports.files.rules import KEPT_FOR

if TYPE_CHECKING:
    from app.access import Actor


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file and where its job stands."""

    row: ReportFile
    state: str
    error: str

    @property
    def is_waiting(self) -> bool:
        """Whether it is still being made."""
        return self.state in {JobState.QUEUED, JobState.RUNNING}

    @property
    def is_ready(self) -> bool:
        """Whether it can be taken."""
        return self.state == JobState.DONE

    @property
    def progress(self) -> Progress:
        """How far its job is."""
        return current_jobs().progress(self.row.job_id) if self.row.job_id else Progress()


def files_of(actor: Actor) -> list[FileLine]:
    """Return the files that the account wanted in the last days, the newest first."""
    query = (
        select(ReportFile, Job.state, Job.error)
        .join(Job, Job.id == ReportFile.job_id)
        .where(ReportFile.made_by == actor.user_id, ReportFile.wanted_at > clock.now() - KEPT_FOR)
        .order_by(ReportFile.id.desc())
    )
    return [FileLine(row, state, error or "") for row, state, error in db.session().execute(query)]


def file_for(actor: Actor, file_id: int) -> ReportFile:
    """Return one's own file; anybody else's is not found."""
    found = db.session().scalar(
        select(ReportFile).where(ReportFile.id == file_id, ReportFile.made_by == actor.user_id)
    )
    if found is None:
        raise NotFoundError
    return found
