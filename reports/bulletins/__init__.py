"""Bulletins: the narrated report of a month, filed as it was told, on paper and in Excel."""
