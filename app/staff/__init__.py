"""Staff: the list of a school's staff, and rosters of staff in, with an account for each person."""

from app.staff import models  # noqa: F401 - the tables must be known before the first query
