"""Writes of the intake: `imports` (an import's way from file to history) and `enrolling` (what applying writes)."""
