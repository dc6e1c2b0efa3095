"""One deed → how it is taken back. Pure."""

from importer.model import Contact
from importer.undo.acts import bring_back, turn_back
from importer.undo.contacts import restore, unmake
from importer.undo.deeds import Deed, Return, Surroundings


def take_back(deed: Deed, contact: Contact | None, around: Surroundings) -> Return:
    """How a deed is taken back. contact: the one at `deed.where` as it is now; None: it was deleted."""
    if deed.act and deed.before:
        if deed.act == "delete":
            return bring_back(deed, deed.before, contact, around)
        return turn_back(deed, deed.before, contact, around)
    if deed.created:
        return unmake(deed, contact, around)
    return restore(deed, contact, around)
