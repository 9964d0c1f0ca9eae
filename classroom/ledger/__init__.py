"""The ledger of a lesson: its events, numbered without gaps, and how a screen follows them."""
