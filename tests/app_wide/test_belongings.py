"""Two records of one pupil become one: every table that names a pupil goes over, or says why it need not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from app.db import Base
from app.merging import belongings

if TYPE_CHECKING:
    from flask import Flask

NEED_NOT: Final = {
    "enrolment": "the merge joins both histories itself",
    "class_membership": "as enrolment",
    "mark": "goes over with its register (`marks`)",
    "mark_event": "the chain is never rewritten",
    "card_number": "a number was printed for the record and stays taken",
    "card_print": "a paper that was made",
    "pupil_merge": "the journal of merges",
    "cube_pupil_stretch": "worked out anew from registers, when two records are merged too",
}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_everything_that_names_a_pupil_goes_over_in_a_merge(app: Flask) -> None:
    with app.app_context():
        known = {one.name for one in belongings()}
    naming = {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name == "pupil" for column in table.columns for key in column.foreign_keys)
    }
    assert naming - known == NEED_NOT.keys()
