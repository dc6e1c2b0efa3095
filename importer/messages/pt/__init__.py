"""Português (Brasil)."""

DIGITS = (".", ",")
