"""Forgetting a pupil who has left: every package gives up what it holds, the numbers stay without a name."""
