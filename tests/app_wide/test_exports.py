"""Whatever hands out many people's data at once asks for a fresh second factor, or says here why it need not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wsgi import create_app

if TYPE_CHECKING:
    from flask import Flask

    from app.http import Door
    from config import Settings

SOUNDS_LIKE_EXPORT: Final = re.compile(
    r"export|workbook|xlsx|\.zip|_zip|slips|cards|bad_rows|download|csv|_file\b|\.pdf|_pdf|oneroster"
)
WITHOUT: Final = {
    "calendar.export": "the calendar of a school names nobody",
    "cards.issue": "only makes cards; the sheet that shows them asks",
    "setup.issue_cards": "only makes cards, for a whole school; the sheets that show them ask",
    "pupil_cards.index": "counts cards and names files; the file itself asks",
    "pupil_cards.order": "has a file made; taking it asks",
    "pupil_cards.progress": "says how far a file is",
    "pupil_cards.schools": "names schools",
    "oneroster.index": "a page about packages; taking one asks",
    "oneroster.revoke_client": "takes access away",
    "oneroster.schools": "names schools",
    "rostering.collection": "asks a program for its token; programs have no second factor",
    "rostering.nested": "as rostering.collection",
    "rostering.of_class": "as rostering.collection",
    "rostering.single": "as rostering.collection",
    "rostering.token": "asks a program for its secret",
    "timetables.export": "who teaches what and when hangs in every corridor; no pupil is in it",
    "exchange.slice_file": "sealed totals for the hub, past the disclosure gate; names nobody",
}
"""Exports that ask for no fresh second factor, and why."""


def exports(app: Flask) -> dict[str, bool]:
    """Return the endpoints that sound like exports, and whether they ask for a fresh second factor."""
    door: Door = app.extensions["bangxanh.door"]
    return {
        rule.endpoint: route.fresh_factor
        for rule in app.url_map.iter_rules()
        for (endpoint, _method), route in door.routes.items()
        if endpoint == rule.endpoint and SOUNDS_LIKE_EXPORT.search(f"{endpoint} {rule.rule}")
    }


def test_every_export_asks_for_a_second_factor_or_says_why_not(settings: Settings) -> None:
    found = exports(create_app(settings))
    open_ones = {endpoint for endpoint, is_marked in found.items() if not is_marked}
    assert open_ones - set(WITHOUT) == set(), "mark the Route with fresh_factor=True, or give a reason here"
    assert set(WITHOUT) - open_ones == set(), "no longer an unmarked export"
    assert {"cards.sheet", "intake.bad_rows", "accounts.show_slips", "exports.workbook_of_school"} <= set(
        found
    )
