"""A lesson afterwards: question by question, pupil by pupil, what the class missed, as a page and as a workbook."""
