"""Carrying out a plan: `execute` walks through it, `prepare` makes what is missing, `contacts` and `batches` write,
`beside` lets the two do so side by side.

`earlier` says what a run before has left, so that a job goes on where it was.
"""
