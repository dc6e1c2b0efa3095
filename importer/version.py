"""Which version this is, for the package and for requests. To ask what is installed takes a hundredth of a plan."""

VERSION = "0.1.0"
