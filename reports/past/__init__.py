"""Past: a school's month as it was at a moment, from the marks of then, beside the month as it is today."""
