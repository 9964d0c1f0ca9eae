"""The understanding meter: pupils say whether they follow, the teacher sees how that changes."""
