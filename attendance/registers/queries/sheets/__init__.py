"""One register: the authorised loader, what stands in it, and what its sheet shows.

Who needs a register imports from here, whichever file it stands in.
"""

from attendance.registers.queries.sheets.codes import Codes, codes
from attendance.registers.queries.sheets.history import HistoryLine, history
from attendance.registers.queries.sheets.holding import Held, closes_month_of_register, held_register
from attendance.registers.queries.sheets.loading import (
    allowed_register,
    place_of_register,
    register_at,
    register_for,
)
from attendance.registers.queries.sheets.rows import DayRow, HeldRow, RegisterRow, loaded_for_saves
from attendance.registers.queries.sheets.showing import Amendment, PupilLine, Sheet, members_of, sheet_of
from attendance.registers.queries.sheets.standing import (
    MarkLine,
    Roll,
    StoredChange,
    changes_since,
    mark_lines,
    roll_of,
)

__all__ = [
    "Amendment",
    "Codes",
    "DayRow",
    "Held",
    "HeldRow",
    "HistoryLine",
    "MarkLine",
    "PupilLine",
    "RegisterRow",
    "Roll",
    "Sheet",
    "StoredChange",
    "allowed_register",
    "changes_since",
    "closes_month_of_register",
    "codes",
    "held_register",
    "history",
    "loaded_for_saves",
    "mark_lines",
    "members_of",
    "place_of_register",
    "register_at",
    "register_for",
    "roll_of",
    "sheet_of",
]
