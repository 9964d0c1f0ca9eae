"""The second computation. Its parts are imported where it runs: numpy and DuckDB are loaded by no other process."""
