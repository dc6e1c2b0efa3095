"""Which version this is; the package says so, too. To ask the installed package takes as long as all of httpx."""

VERSION = "0.1.0"
