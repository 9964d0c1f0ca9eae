"""A pupil's absences over a school year: the days, the sums, the count of 45 sessions, runs of days."""
