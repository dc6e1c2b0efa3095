"""English."""

DIGITS = (",", ".")
