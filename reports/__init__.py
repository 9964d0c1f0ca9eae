"""What the registers and lessons add up to: indicators, disclosure, submissions, exports."""
