"""Who is at which school and in which class, day by day: every change is dated, kept, and can be taken back."""
