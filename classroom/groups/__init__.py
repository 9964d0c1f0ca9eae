"""Groups of a lesson: at random, by seat or by result, with those kept apart who should be."""
