"""The audit log as a feature of a schools' installation; the chain is verified in the worker."""

from __future__ import annotations

from app.access import Route
from app.audit.commands import verify_on, verify_whole
from app.audit.rules.words import VIEW_AUDIT
from app.audit.views import VERIFY, bp, run_verify
from app.i18n import N_
from app.jobs import JobKind, Periodic
from app.wiring import Feature, NavGroup, NavItem


def _verify_daily() -> None:
    verify_whole()


AUDIT = Feature(
    name="audit",
    blueprints=(bp,),
    routes=(
        Route("audit.entries", VIEW_AUDIT),
        Route("audit.entry", VIEW_AUDIT, target="entry_number"),
        Route("audit.export", VIEW_AUDIT, fresh_factor=True),
        Route("audit.verify", VIEW_AUDIT, methods=("POST",)),
    ),
    nav=(
        NavItem(
            N_("Nhật ký thao tác"), "audit.entries", "history", VIEW_AUDIT, order=62, group=NavGroup.SYSTEM
        ),
    ),
    jobs=(JobKind(VERIFY, run_verify),),
    periodic=(
        Periodic("audit.verify_on", 300, verify_on),
        Periodic("audit.verify_whole", 86_400, _verify_daily),
    ),
)
