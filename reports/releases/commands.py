"""Freezing what a release withheld."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock
from reports.disclosure.rules import pattern_digest
from reports.releases.models import FrozenCell, ReleaseCertificate
from reports.releases.queries import cell_name, frozen_by_school
from reports.releases.rules import DATASET

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reports.attacker.rules import Certificate
    from reports.disclosure.rules import Key
    from reports.releases.rules import Release


def freeze(session: Session, school_id: int, release: Release) -> None:
    """Note in the running transaction what this release withholds, so that no later one shows it."""
    freeze_pattern(session, school_id, str(release.month), release.withheld, release.certificate)


def freeze_pattern(
    session: Session,
    school_id: int,
    period: str,
    withheld: frozenset[Key],
    certificate: Certificate,
    dataset: str = DATASET,
) -> None:
    """Note which cells of a school's period are withheld, and keep what the attacker said; likewise."""
    for key in sorted(withheld - frozen_by_school(session, [school_id], period, dataset)[school_id]):
        session.add(
            FrozenCell(
                school_id=school_id, dataset=dataset, period=period, cell=cell_name(key), since=clock.now()
            )
        )
    _keep_certificate(session, (school_id, dataset, period), withheld, certificate)
    session.flush()


def _keep_certificate(
    session: Session, about: tuple[int, str, str], withheld: frozenset[Key], certificate: Certificate
) -> None:
    """Store a pattern's certificate once; a pattern that withholds nothing needs none."""
    pattern = pattern_digest(withheld)
    school_id, dataset, period = about
    known = select(ReleaseCertificate.id).filter_by(
        school_id=school_id, dataset=dataset, period=period, pattern=pattern
    )
    if not withheld or session.scalar(known) is not None:
        return
    session.add(
        ReleaseCertificate(
            school_id=school_id,
            dataset=dataset,
            period=period,
            pattern=pattern,
            certificate=json.dumps(certificate.as_json(), default=list, sort_keys=True),
            at=clock.now(),
        )
    )
