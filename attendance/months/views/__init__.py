"""Pages of months: closing them, and their sheets for paper."""
