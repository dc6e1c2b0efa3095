"""Who is at the page: one browser, its language, and the workspace that it is connected with. Kept in memory only."""

from msgspec import Struct

from importer.model import Workspace
from importer.run import Connection


class Connected(Struct):
    """A workspace, and how to reach it. practice: it is the one to practise with."""

    connection: Connection
    workspace: Workspace
    practice: bool = False


class Visitor(Struct):
    """One browser. language: as chosen on the page; "" for the browser's own."""

    language: str = ""
    connected: Connected | None = None
    has_left: bool = False  # and does not want to be connected by itself again
