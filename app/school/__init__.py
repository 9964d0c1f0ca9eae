"""The school behind the screens: organisation, time, classes, people, timetable."""
