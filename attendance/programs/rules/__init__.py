"""What programs may ask of registers (`asking`), and the document that says so (`document`)."""
