"""School events that take some pupils out of their classes: suggested on the sheets, never a mark by themselves."""
