"""The practice server: answers like the real one, on this machine, with faults on demand.

An independent witness of what the server does: it shares the words of the importer, but none of its rules.
"""

from importer.sandbox.line import Served
from importer.sandbox.options import FAULT_KINDS, Faults, Rates, SandboxOptions, parse_faults, parse_rates
from importer.sandbox.practice import Sandbox

__all__ = [
    "FAULT_KINDS",
    "Faults",
    "Rates",
    "Sandbox",
    "SandboxOptions",
    "Served",
    "parse_faults",
    "parse_rates",
]
