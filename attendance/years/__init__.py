"""A class's school year: the sheet that schools file, and the absences as they are copied into the school record."""
