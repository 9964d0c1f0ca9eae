"""OneRoster 1.1 and 1.2 (1EdTech): rosters in and out as CSV, and read by other systems over REST."""
