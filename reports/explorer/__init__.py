"""Explorer: a pivot over protected figures, views that are kept and shared, and the dashboard of pinned ones."""
