"""Live lessons: begun from the timetable, joined with a code, told as a numbered series of events."""
