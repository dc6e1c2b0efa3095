"""What a job has done → what takes it back. Pure.

Only what is still as the job left it is taken back, attribute by attribute; what somebody has changed since is kept
and told. A contact that the job has made is deleted as a whole, or, if it was changed since, kept as a whole. One that
it has deleted is made anew, but for what nobody can bring back.
"""

from importer.undo.deeds import Deed, DeleteContact, Return, Surroundings
from importer.undo.returning import take_back
from importer.undo.whole import Undo

__all__ = ["Deed", "DeleteContact", "Return", "Surroundings", "Undo", "take_back"]
