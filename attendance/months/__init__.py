"""A school's month: its sheets for paper and Excel, closing it with a fingerprint, opening it again."""
