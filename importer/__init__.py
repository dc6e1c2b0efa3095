"""Brings contacts from spreadsheets into a Weni workspace, every row accounted for."""
