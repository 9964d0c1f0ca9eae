"""Rules of the intake, one module per step: cells, reading, headings, values, roster, comparing (docs/adr/0011)."""
