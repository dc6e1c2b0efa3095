"""What a job has done, contact by contact, as its journal tells it.

Requests whose answer nobody saw count as done: taking back goes by how the contact is now, so that what was not done
needs nothing. A creation without an answer is looked for.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import cast

from importer.actions import ACTS
from importer.api import Client
from importer.execution.amends import changes_of
from importer.execution.earlier import is_failing
from importer.journal import Journal, Step
from importer.model import Action, Change, Contact, Group, Outcome, Status
from importer.survey import look_up
from importer.undo import Deed, Surroundings, take_back


class Deeds:
    """The deeds of one job, by row. Holds memberships and what is in doubt; the rest is read anew each time."""

    def __init__(self, path: Path) -> None:
        self._path = path  # opened anew each time, so that a plan can be shown after the job was let go of
        self._joined: dict[str, dict[str, bool]] = {}  # UUID of the contact → of the group → joined, or left
        self._into: dict[int, tuple[str, ...]] = {}  # row → UUIDs of the groups that its contact was made in
        self._doubtful: dict[
            int, Step
        ] = {}  # row → a creation or change of which nobody knows whether it was done
        self._acts: dict[int, int] = {}  # row → step by which its contact was deleted, (un)blocked, or may be
        self._found: dict[int, str] = {}  # row → UUID of the contact that a doubtful creation has made
        with self._journal() as journal:
            self.since = str(journal.meta.get("since") or "")
            self._read_steps(journal)
            self.made_groups = tuple(_made_groups(journal))
            self.made_fields = tuple(_made_fields(journal))

    def _journal(self) -> Journal:
        return Journal(self._path, read_only=True)

    def _read_steps(self, journal: Journal) -> None:
        failing = {outcome.row for outcome, _ in journal.outcomes() if is_failing(outcome)}
        for step in journal.steps("create", "update", "put-back"):
            row = step.rows[0]
            if step.answer is None or (row in failing and step.kind != "put-back"):
                self._doubtful[row] = step
            else:
                self._doubtful.pop(row, None)
            groups = step.request.get("groups")
            if step.kind == "create" and isinstance(groups, list):
                self._into[row] = tuple(intern(str(uuid)) for uuid in groups)
        for step in journal.steps(*ACTS):
            if not (isinstance(step.answer, dict) or step.answer == "not done"):
                self._acts |= dict.fromkeys(step.rows, step.id)
        for step in journal.steps("add", "remove"):
            if isinstance(step.answer, dict) and "refused" in step.answer:
                continue
            group, contacts = intern(str(step.request["group"])), step.request["contacts"]
            for uuid in contacts if isinstance(contacts, list) else ():
                self._joined.setdefault(str(uuid), {})[group] = step.kind == "add"

    # ------------------------------------------------------------------------------------------ creations

    def settle(self, client: Client, around: Surroundings) -> None:
        """Look for the contacts of creations whose answer nobody saw."""
        with self._journal() as journal:
            claimed = {outcome.uuid for outcome, _ in journal.outcomes() if outcome.uuid}
        for row, step in self._doubtful.items():
            if step.kind != "create":
                continue
            for contact in self._candidates(client, step):
                if contact.uuid in claimed or contact.created_on <= self.since:
                    continue
                deed = Deed(row, contact.uuid, True, changes_of(step), self._into.get(row, ()))
                # of several without a URN only the one that is as wanted is ours
                if step.request.get("urns") or take_back(deed, contact, around).step:
                    self._found[row] = contact.uuid
                    claimed.add(contact.uuid)
                    break

    def _candidates(self, client: Client, step: Step) -> Iterator[Contact]:
        urns = step.request.get("urns")
        if isinstance(urns, list) and urns:
            yield from look_up(client, [("urn", str(urns[0]))])
            return
        for page in client.contact_pages(after=self.since or None):
            yield from (contact for contact in page if not contact.urns)

    # ----------------------------------------------------------------------------------------------- all

    def __iter__(self) -> Iterator[Deed]:
        with self._journal() as journal:
            acts = lru_cache(maxsize=8)(journal.step)  # those of one request are mostly rows in a row
            for outcome, _ in journal.outcomes():
                if outcome.into is None and (deed := self._deed(outcome, acts)):
                    yield deed

    def _deed(self, outcome: Outcome, acts: Callable[[int], Step]) -> Deed | None:
        row, step = outcome.row, self._doubtful.get(outcome.row)
        if (number := self._acts.get(row)) and outcome.status is not Status.REFUSED:
            acted = acts(number)
            before = acted.before[acted.rows.index(row)]
            return Deed(row, before.uuid, act=cast("Action", acted.kind), before=before)
        changes = tuple(change for change in outcome.changes if change.attribute != "groups")
        if outcome.status is Status.CREATED and outcome.uuid:
            return self._made(row, outcome.uuid, changes)
        if row in self._found and step:
            return self._made(row, self._found[row], changes_of(step))
        uuid = outcome.uuid
        if step and step.before:
            uuid = step.before[0].uuid
            changes = _joined(changes, changes_of(step))
        moved = self._joined.get(uuid, {}) if uuid else {}
        if not uuid or not (changes or moved):
            return None
        return Deed(row, uuid, False, changes, *_ways(moved))

    def _made(self, row: int, uuid: str, changes: tuple[Change, ...]) -> Deed:
        joined, left = _ways(self._joined.get(uuid, {}))
        return Deed(row, uuid, True, changes, (*self._into.get(row, ()), *joined), left)


def _made_groups(journal: Journal) -> Iterator[Group]:
    """The groups that the job has made; of one whose answer was lost only the name is known."""
    for _, answer in journal.answers("create-group"):
        if "uuid" in answer:
            yield Group(str(answer["uuid"]), str(answer["name"]))
    for step in journal.open_steps("create-group"):
        yield Group("", str(step.request["name"]))


def _made_fields(journal: Journal) -> Iterator[str]:
    """Labels of the fields that the job has made, or may have."""
    for _, answer in journal.answers("create-field"):
        yield str(answer["label"])
    for step in journal.open_steps("create-field"):
        yield str(step.request["label"])


def _ways(moved: Mapping[str, bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (
        tuple(group for group, joins in moved.items() if joins),
        tuple(group for group, joins in moved.items() if not joins),
    )


def _joined(before: tuple[Change, ...], after: tuple[Change, ...]) -> tuple[Change, ...]:
    """Changes of two requests as one: from the first old to the last new."""
    old = {change.attribute: change.old for change in before}
    later = {c.attribute: Change(c.attribute, old.get(c.attribute, c.old), c.new) for c in after}
    return tuple(later.get(change.attribute, change) for change in before) + tuple(
        change for name, change in later.items() if name not in old
    )
