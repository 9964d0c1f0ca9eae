"""Question sheets out of files of Word and Excel: read into the text that the plan editor takes, equations too."""
