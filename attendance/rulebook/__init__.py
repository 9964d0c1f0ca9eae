"""What a school decides about its registers: its letters, how long who may change them, the order of suggestions."""
