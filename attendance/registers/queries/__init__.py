"""Reading registers: what is due, what a sheet shows, what a school's registers add up to."""
