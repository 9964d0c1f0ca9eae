"""Exchange: slices on their way to the provincial hub."""
