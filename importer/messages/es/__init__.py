"""Español (de América)."""

# A no-break space, and from five digits on: a point or a comma would be read as the decimal sign by some.
DIGITS = ("\u00a0", ",", 10_000)
