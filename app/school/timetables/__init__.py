"""Bell schedules, timetables as versions, and what changes on a single day."""
