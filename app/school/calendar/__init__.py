"""School years and calendars: who decided which day, and how many teaching weeks are left."""
