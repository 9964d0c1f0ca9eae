"""What a class reaches together, and who has the most points: both off until the teacher switches them on."""
