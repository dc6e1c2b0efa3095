"""What a row may ask to be done with its contact, and the words for it in any of the languages."""

from importer.cells import read_text
from importer.issues import CellRefused, Issue
from importer.model import Action

ACTIONS: tuple[Action, ...] = ("upsert", "create", "update", "delete", "skip", "block", "unblock")
ACTS = frozenset(("delete", "block", "unblock"))
"""Done to a contact as a whole: of such a row only the cells that say who is meant are heeded."""
DESTRUCTIVE = frozenset(("delete", "block"))
"""Those that a number has to be named for: a deleted contact is gone, a blocked one leaves all groups."""
ACTION_WORDS: dict[str, Action] = {
    **{action: action for action in ACTIONS},
    **dict.fromkeys(("create or update", "criar ou atualizar", "crear o actualizar"), "upsert"),
    **dict.fromkeys(("criar", "crear"), "create"),
    **dict.fromkeys(("atualizar", "actualizar"), "update"),
    **dict.fromkeys(("apagar", "excluir", "deletar", "borrar", "eliminar"), "delete"),
    **dict.fromkeys(("pular", "ignorar", "omitir", "ignore"), "skip"),
    **dict.fromkeys(("bloquear",), "block"),
    **dict.fromkeys(("desbloquear",), "unblock"),
}
"""By casefolded cell. Nothing that could as well mean to leave a group is among them."""


def parse_action(cell: object, notes: list[Issue]) -> Action:
    """What the cell of an action column asks for.

    Raises:
        CellRefused: action-unknown, or what `read_text` refuses.
    """
    text = read_text(cell, notes)
    action = ACTION_WORDS.get(text.casefold())
    if action is None:
        raise CellRefused("action-unknown", text, actions=", ".join(ACTIONS))
    return action
