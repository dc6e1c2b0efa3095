"""Puts contacts back that a row was written to by mistake: whoever had its URN has lost it unseen.

The debt is in the journal before anything is sent for it, so that a run that was killed pays it before it writes
anything. What somebody has changed since stays, as does what never arrived: it may be done again and again.
"""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from importer.api import Client
from importer.api.refusal import in_words, refusals
from importer.comparison import value_of
from importer.decisions import Rules
from importer.errors import Failing, Missing, NotAllowed, Rejected
from importer.issues import Issue, Phrase
from importer.journal import Journal, Step
from importer.journal.forms import issue_from_json, issue_to_json
from importer.model import Change, Contact, Outcome, Status
from importer.snapshot import Snapshot
from importer.steps import Decision, UpdateContact
from importer.undo import Deed, Surroundings, take_back


class Seen(Protocol):
    """What is known of the workspace's contacts while some are written; see `Survey`."""

    @property
    def until(self) -> str:
        """The latest change that was seen, as the server writes times."""

    def note(self, contact: Contact, urns: tuple[str, ...] | None = None) -> None:
        """Take what the server has answered to a request that wrote this contact."""


class Amends(Struct, frozen=True):
    """Makes good what was written to contacts that no row meant. Any thread may use it.

    open: by row, changes of which nobody knows whether they were the row's contact's, and what is owed; the latest
    first. told: what became of the debts of rows, and the step that made them.
    """

    client: Client
    journal: Journal
    rules: Rules
    survey: Seen
    open: Mapping[int, tuple[Step, ...]] = field(default_factory=dict)
    told: dict[int, tuple[Step, Issue]] = field(default_factory=dict)

    def settle(self, decision: Decision) -> None:
        """Pay what an earlier run owes for a row."""
        for step in self.open.get(decision.record.row, ()):
            was = step.before[0]
            if step.kind != "put-back" and decision.contact and decision.contact.uuid == was.uuid:
                continue
            now = self.client.find_contact(uuid=was.uuid)
            if step.kind == "put-back" or (now and not self.is_meant(decision, now)):
                self.put_back(step, now)

    def is_meant(self, decision: Decision, contact: Contact) -> bool:
        """Whether a row means this contact, by what the server has just shown of it."""
        wanted = decision.record.wanted
        return bool(wanted.uuid or Snapshot([contact], self.rules.options.ninth_digit).meant(wanted))

    def put_back(self, step: Step, now: Contact | None, *, answered: bool = False) -> None:
        """Take back what a step did to its contact, as far as that is still so.

        now: the contact as it is; None: it was deleted. answered: that is what the step has left, for it is its answer.
        """
        was, changes = step.before[0], changes_of(step)
        if now and answered:
            changes = tuple(replace(change, new=value_of(now, change.attribute)) for change in changes)
        deed = Deed(step.rows[0], was.uuid, changes=changes)
        back = take_back(deed, now, Surroundings(self.rules.types, {}))
        if now and step.kind == "put-back" and not (back.step or back.issues):
            self._finish(step, self._tell(step, "put-back"))  # it was, though nobody saw the answer
            return
        if not isinstance(back.step, UpdateContact):
            self.journal.finish(step.id, "nothing to put back")
            return
        self.journal.owe(step.id)
        try:
            self.survey.note(self.client.update_contact(was.uuid, back.step.body))
        except Missing:
            self.journal.finish(step.id, "nothing to put back")
        except Rejected as error:
            self._refused(step, error)
        except Failing as error:  # the debt stays, for whoever goes on with the job or takes it back
            status = error.details.get("status") or error.details.get("fault")
            self._tell(step, "not-put-back", Phrase("error.failing", {"status": status}))
        else:
            self._finish(step, self._tell(step, "put-back"))

    def _refused(self, step: Step, error: Rejected) -> None:
        if all(one.key == "non_field_errors" for one in refusals(error)):
            if self.client.find_contact(uuid=step.before[0].uuid) is not None:
                raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
            self.journal.finish(step.id, "nothing to put back")
        else:
            self._finish(step, self._tell(step, "not-put-back", in_words(error)))

    def _tell(self, step: Step, code: str, reason: str | Phrase = "") -> Issue:
        row, details = step.rows[0], {"reason": reason} if reason else {}
        issue = Issue.of(code, step.before[0].called, **details).at(row)
        self.told[row] = (step, issue)
        return issue

    def _finish(self, step: Step, issue: Issue) -> None:
        self.journal.finish(step.id, {"told": issue_to_json(issue)})

    # ------------------------------------------------------------------------------------ what a line says

    def noted(self, decision: Decision) -> Decision:
        """The decision on a row whose line says, too, that another contact was put back for it."""
        _, issue = self.told.get(decision.record.row, (None, None))
        if issue is None or issue.is_error:
            return decision
        record = decision.record
        return replace(decision, record=replace(record, issues=(*record.issues, issue)))

    def refused(self, decision: Decision) -> Outcome | None:
        """The line of a row for which a contact could not be put back, so that nothing else is written for it."""
        step, issue = self.told.get(decision.record.row, (None, None))
        if step is None or issue is None or not issue.is_error:
            return None
        outcome = decision.outcome
        return replace(
            outcome,
            status=Status.REFUSED,
            uuid=step.before[0].uuid,
            changes=changes_of(step),
            issues=(*decision.record.issues, issue),
            requests=1,
        )


def told_by(steps: Mapping[int, Step]) -> dict[int, tuple[Step, Issue]]:
    """What debts that were settled, by row, have told; see `Amends.told`."""
    return {
        row: (step, issue_from_json(step.answer["told"]))
        for row, step in steps.items()
        if isinstance(step.answer, dict)
    }


def changes_of(step: Step) -> tuple[Change, ...]:
    """What a request was to change, but for groups."""
    before = step.before[0] if step.before else Contact("")
    found = []
    for name, value in step.request.items():
        if name == "fields" and isinstance(value, dict):
            found += [Change(f"field:{key}", before.fields.get(key), new) for key, new in value.items()]
        elif name == "urns" and isinstance(value, list):
            found.append(Change("urns", before.urns, tuple(value)))
        elif name in ("name", "language"):
            found.append(Change(name, before.name if name == "name" else before.language, value))
    return tuple(found)
