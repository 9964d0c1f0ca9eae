"""Cards of pupils: codes and numbers of a class for the year, and sheets of A4 to print and cut."""
