"""Rows about groups + the workspace → what is to be done with them. Pure.

A name always means the group that has it before anything is done.
"""

from collections.abc import Callable, Iterator

from importer.actions import ACTION_WORDS
from importer.definitions.rules import check_group_name, check_room_for_group, is_called
from importer.definitions.steps import CreateGroup, DeleteGroup, RenameGroup, Step
from importer.definitions.wishes import RENAME_WORDS, Cells, Rows, Wish
from importer.issues import Issue
from importer.model import Change, Group, Status, Workspace

GROUP_ACTIONS = ("upsert", "create", "rename", "delete", "skip")
_WORDS: dict[str, str] = {
    **{word: {"update": "rename"}.get(action, action) for word, action in ACTION_WORDS.items()},
    **dict.fromkeys(RENAME_WORDS, "rename"),
}


class GroupRows(Rows):
    """The rows of a sheet that lists groups."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._by_uuid = {one.uuid: one for one in workspace.groups}
        self._renames: list[tuple[Wish, str, str]] = []  # with the old names (casefolded) and the new one
        self._deletes: list[tuple[Wish, str]] = []

    def take(self, cells: Cells) -> None:
        """See `Rows`."""
        uuid, name, new = cells.text("uuid").lower(), cells.text("name"), cells.text("new-name")
        wish = Wish(cells, name or uuid)
        self.wishes.append(wish)
        action = cells.action(_WORDS, GROUP_ACTIONS)
        if action == "skip":
            wish.status, cells.issues = Status.SKIPPED, []
            return
        if not (uuid or name or cells.is_wrong()):
            cells.tell(Issue.of("definition-no-name"), "name", "uuid")
        elif action == "rename" and not new:
            cells.tell(Issue.of("group-new-name-missing"), "new-name", "action")
        elif action in ("create", "delete") and new:
            cells.tell(Issue.of("group-new-name-unwanted", new), "new-name")
        if not cells.is_wrong():
            found = self._find(cells, uuid, name, new)
            wish.uuid = found.uuid if found else None
            wish.about = f"uuid {found.uuid}" if found else f"name {(name or uuid).casefold()}"
            if not cells.is_wrong():
                self._decide(wish, action, found, (uuid, name, new))

    def _decide(self, wish: Wish, action: str, found: Group | None, texts: tuple[str, str, str]) -> None:
        """What is to be done with the group that a row is about. texts: UUID, name and new name, as written."""
        uuid, name, new = texts
        if found and uuid and name and not (is_called(found, name) or (new and found.name == new)):
            wish.cells.tell(Issue.of("group-name-differs", name, found=found.name), "name")
        elif action == "delete":
            self._delete(wish, found, name)
        elif new:
            self._rename(wish, found, name, new)
        elif found is None:
            self._create(wish, name, uuid)
        else:
            if action == "create":
                wish.cells.tell(Issue.of("group-exists", found.name), "name", "uuid")
            wish.name, wish.meaning = found.name, ("stays",)

    def _find(self, cells: Cells, uuid: str, name: str, new: str) -> Group | None:
        """The group that a row is about; the one that has its new name already where none has the old one."""
        if uuid:
            return self._by_uuid.get(uuid)
        for one in filter(None, (name, new)):
            found = [group for group in self.workspace.groups if is_called(group, one)]
            if len(found) > 1:  # two may have one name, where they were made in the same moment
                cells.tell(Issue.of("group-unclear", one), "name")
            if found:
                return found[0]
        return None

    def _create(self, wish: Wish, name: str, uuid: str) -> None:
        if uuid:
            if self.workspace.known:
                wish.cells.tell(Issue.of("group-missing", uuid), "uuid")
            return
        if issue := check_group_name(name, self.workspace.groups):
            wish.cells.tell(issue, "name")
        wish.status, wish.changes, wish.meaning = (
            Status.CREATED,
            (Change("name", None, name),),
            ("create", name),
        )
        wish.claims, wish.step = frozenset((name.casefold(),)), CreateGroup(wish.cells.place, name)

    def _rename(self, wish: Wish, found: Group | None, name: str, new: str) -> None:
        cells = wish.cells
        wish.meaning, wish.claims = ("rename", new), frozenset((new.casefold(),))
        self._renames.append((wish, name, new))
        if found is None:
            if self.workspace.known:
                cells.tell(Issue.of("group-missing", name or cells.text("uuid")), "name", "uuid")
            elif issue := check_group_name(new, ()):
                cells.tell(issue, "new-name")
            return
        wish.name = found.name
        if found.name == new:
            return
        others = [one for one in self.workspace.groups if one.uuid != found.uuid]
        wish.holder = next((f"uuid {one.uuid}" for one in others if is_called(one, new)), "")
        issue = check_group_name(new, others) or check_room_for_group(len(self.workspace.groups))
        if issue:
            cells.tell(issue, "new-name")
        wish.status, wish.changes = Status.UPDATED, (Change("name", found.name, new),)
        wish.step = RenameGroup(cells.place, found, new)

    def _delete(self, wish: Wish, found: Group | None, name: str) -> None:
        wish.meaning = ("delete",)
        self._deletes.append((wish, name))
        if found is None:
            if self.workspace.known:
                wish.cells.tell(Issue.of("group-absent"), "name", "uuid")
                wish.status = Status.SKIPPED
            # whoever gets the name by another row would be deleted by the next run
            wish.claims = frozenset((name.casefold(),)) if name else frozenset()
            return
        wish.name, wish.status = found.name, Status.DELETED
        members = (Change("members", str(found.count), None),) if found.count else ()
        wish.changes = (Change("name", found.name, None), *members)
        wish.step = DeleteGroup(wish.cells.place, found)
        if found.dynamic:
            wish.cells.tell(Issue.of("group-query-lost"), "name", "uuid")

    def _settle_room(self) -> None:
        count = len(self.workspace.groups)
        for wish in self.wishes:
            if isinstance(wish.step, CreateGroup) and wish.is_open:
                if issue := check_room_for_group(count):
                    wish.cells.tell(issue, "name")
                count += not wish.cells.is_wrong()

    def renamed(self) -> dict[str, str]:
        """Names (casefolded) that groups have lost or lose by the rows → the new ones."""
        after = {one.name.casefold() for one in self.workspace.groups}
        found: dict[str, str] = {}
        for wish, name, new in self._renames:
            if not wish.is_open:
                continue
            old = {name.casefold(), wish.name.casefold()} - {"", new.casefold(), (wish.uuid or "")}
            mine = wish.name.casefold()
            found |= {one: new for one in old if one == mine or one not in after}
        return found

    def deleted(self) -> dict[str, str]:
        """Names (casefolded) of groups that the rows delete, or have deleted → the row that says so."""
        return {
            one.casefold(): wish.cells.shown
            for wish, name in self._deletes
            if not wish.cells.is_wrong()
            for one in (name, wish.name)
            if one
        }

    def steps(self) -> Iterator[Step]:
        """New names first, so that contacts may use them; deletions last."""
        order: tuple[Callable[[Step], bool], ...] = (
            lambda step: isinstance(step, RenameGroup),
            lambda step: isinstance(step, CreateGroup),
            lambda step: isinstance(step, DeleteGroup),
        )
        found = list(super().steps())
        return (step for belongs in order for step in found if belongs(step))
