"""Classes by hand: opened, renamed, closed; who teaches them, from when to when, and the access that follows."""
