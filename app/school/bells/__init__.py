"""Bell schedules: which periods a school's day has, from when on."""
