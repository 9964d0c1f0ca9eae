"""Official: the forms of the beginning and the end of the school year, of a school or of the places above."""
