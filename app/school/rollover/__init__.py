"""Year rollover (kết chuyển năm học): who goes where in the new school year, decided, reviewed and written at once."""
