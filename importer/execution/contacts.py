"""Creates and updates contacts, one request each, every intent in the journal before it is sent.

A creation whose answer was lost is settled by looking, never by sending it blindly.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from importer.api import Client
from importer.api.refusal import Refusal, Refused, in_words, refusal, refusals
from importer.columns import same_value
from importer.decisions import Rules, decide
from importer.errors import Failing, Missing, NotAllowed, Rejected, RequestFailed, Unsettled
from importer.execution.amends import Amends, Seen
from importer.execution.batches import Line
from importer.execution.earlier import Earlier
from importer.issues import Issue, Phrase
from importer.journal import Done, Intent, Journal, Step
from importer.model import LEAVE, Column, Contact, Group, Status, Wanted
from importer.snapshot import Snapshot, scheme_of
from importer.steps import Body, CreateContact, Decision, UpdateContact
from importer.survey import look_up, lookups_for

PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each sending of a creation whose answers are lost though nothing is there afterwards."""
TURNS = 64


class Scene(Struct, frozen=True):
    """What writing a contact needs besides the row.

    groups: the workspace's by casefolded name, new ones included. columns: where to show a refusal, by the body's key
    ("name", "fields.age", "urns", "urns:tel"). since: the latest change of any contact before the job began, as the
    server writes times. sleep: lets so many seconds pass, or fewer if the program is to stop. refused: code of the
    issue of a row that the server does not take.
    """

    client: Client
    journal: Journal
    survey: Seen
    rules: Rules
    groups: Mapping[str, Group]
    columns: Mapping[str, Column]
    earlier: Earlier
    since: str
    sleep: Callable[[float], object]
    refused: str = "refused"


class Sent(NamedTuple):
    """How the writing of a row's contact went. done: what the journal does not know yet."""

    line: Line
    done: tuple[Done, ...] = ()

    @classmethod
    def of(cls, step: int, line: Line) -> Self:
        """How it went where the line is the answer to the step."""
        answer = {"status": str(line.outcome.status), "uuid": line.outcome.uuid}
        return cls(line, (Done(step, answer, [(line.outcome, line.pending)]),))


class ContactWriter:
    """Writes contacts; safe to share between threads, which never write to one contact at once.

    `write` and `send` raise NotAllowed, Unavailable and Interrupted; what concerns the row alone is in its line.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._client, self._journal = scene.client, scene.journal
        self._amends = Amends(scene.client, scene.journal, scene.rules, scene.survey)
        self._turns = tuple(threading.Lock() for _ in range(TURNS))
        # contacts without a key are told apart by when they were made, so they are made one by one
        self._keyless = threading.Lock()
        self._claimed = set(scene.earlier.without_key)

    def write(self, decision: Decision, *, may_move: bool = True) -> Line:
        """Send one row's step, with its intent and its outcome in the journal. may_move: see `send`."""
        intent = self.intent(decision)
        (number,) = self._journal.note((), [intent])
        line, done = self.send(decision, number, intent.request, may_move=may_move)
        self._journal.note(done)
        return line

    def intent(self, decision: Decision) -> Intent:
        """What the journal is to know before the row's step is sent."""
        match decision.step:
            case CreateContact(row=row, body=body):
                return Intent("create", (row,), self._with_groups(body))
            case UpdateContact(row=row, body=body, contact=contact):
                return Intent("update", (row,), body, (contact,))
            case _:
                raise ValueError(decision)

    def send(
        self, decision: Decision, number: int, body: Mapping[str, object], *, may_move: bool = True
    ) -> Sent:
        """Send one row's step, whose intent is in the journal, and tell what the journal is to know of it.

        number: the step's id. body: of the intent. may_move: if it turns out that another contact is meant, that one
        gets it.
        """
        if isinstance(decision.step, UpdateContact):
            return self._update(decision, decision.step, number, may_move=may_move)
        return self._create(decision, number, body)

    def _line(self, decision: Decision) -> Line:
        return Line(self._scene.earlier.line(decision, self._scene.rules), decision.batched)

    # ---------------------------------------------------------------------------------------- creating

    def _with_groups(self, body: Body) -> Body:
        """The body with groups as the server wants them."""
        names = body.get("groups")
        if not isinstance(names, list):
            return body
        return {**body, "groups": [self._scene.groups[name.casefold()].uuid for name in names]}

    def _create(self, decision: Decision, number: int, body: Mapping[str, object]) -> Sent:
        with nullcontext() if decision.record.wanted.urns else self._keyless:
            was_sent = decision.record.row in self._scene.earlier.created
            since = self._scene.since if was_sent else self._scene.survey.until
            return Sent.of(number, self._send_creation(decision, body, since, was_sent=was_sent))

    def _send_creation(
        self, decision: Decision, body: Mapping[str, object], since: str, *, was_sent: bool
    ) -> Line:
        """Send a creation until it is there, looking for it before it is sent again."""
        lost = Unsettled("unsettled")
        for pause_s in PAUSES_S:
            if was_sent and (line := self._find_ours(decision, since)):
                return line
            if pause_s:
                self._scene.sleep(pause_s)
            try:
                contact = self._client.create_contact(body)
            except Unsettled as error:
                was_sent, lost = True, error
            except Rejected as error:
                if refusal(error).why is Refusal.URN_TAKEN:
                    found = self._find(decision, is_ours=was_sent)
                    return found or self._refused(decision, error, body)
                return self._refused(decision, error, body)
            except (Failing, Missing) as error:
                return self._failed(decision, error)
            else:
                self._scene.survey.note(contact)
                return self._made(decision, contact)
        return self._find_ours(decision, since) or self._failed(decision, lost)

    def _made(self, decision: Decision, contact: Contact) -> Line:
        if not decision.record.wanted.urns:
            self._claimed.add(contact.uuid)
        line = self._line(decision)
        return replace(line, outcome=replace(line.outcome, uuid=contact.uuid))

    def _find_ours(self, decision: Decision, since: str) -> Line | None:
        """The line of a row whose creation has been sent, if it is there."""
        if decision.record.wanted.urns:
            return self._find(decision, is_ours=True)
        contact = self._find_without_key(decision.record.wanted, since)
        return self._made(decision, contact) if contact else None

    def _find(self, decision: Decision, *, is_ours: bool) -> Line | None:
        """The line of a row whose contact is there after all; None: it is not.

        is_ours: its creation has been sent, so that a contact as wanted is the one it made.
        """
        ninth_digit = self._scene.rules.options.ninth_digit
        lookups = lookups_for(decision.record.wanted, ninth_digit)
        snapshot = Snapshot(look_up(self._client, lookups), ninth_digit)
        if not snapshot.contacts:
            return None
        record, wanted = decision.record, decision.record.wanted
        if is_ours:
            as_made = replace(record, wanted=replace(wanted, action="upsert"))
            again = decide(as_made, snapshot, self._scene.rules)
            if again.contact and again.step is None and not again.memberships:
                return self._made(decision, again.contact)
        again = decide(record, snapshot, self._scene.rules)
        if again.record.invalid:
            return Line(replace(again.outcome, status=Status.REFUSED, requests=1))
        if isinstance(again.step, UpdateContact):
            return self.write(again)
        return self._line(again)

    def _find_without_key(self, wanted: Wanted, since: str) -> Contact | None:
        """A contact without any URN, made after `since`, just as the row wants it, and no other row's."""
        for page in self._client.contact_pages(after=since or None):
            for contact in page:
                is_new = contact.created_on > since and contact.uuid not in self._claimed
                if is_new and _is_as_made(contact, wanted, self._scene.rules):
                    return contact
        return None

    # ---------------------------------------------------------------------------------------- updating

    def _update(self, decision: Decision, step: UpdateContact, number: int, *, may_move: bool) -> Sent:
        uuid = step.contact.uuid
        with self._turns[hash(uuid) % TURNS]:
            try:
                changed = self._client.update_contact(uuid, step.body)
            except Missing:
                return Sent.of(number, self._gone(decision))
            except Rejected as error:
                return Sent.of(number, self._refused_update(decision, error, step))
            except Failing as error:
                return Sent.of(number, self._failed(decision, error))
            self._scene.survey.note(changed, None if "urns" in step.body else step.contact.urns)
            if not (may_move and self._is_another(decision, changed)):
                return Sent.of(number, self._line(decision))
            sent = Step(number, "update", (step.row,), step.body, (step.contact,))
            self._amends.put_back(sent, changed, answered=True)
        if refused := self._amends.refused(decision):
            return Sent(self._put(Line(refused)))
        return Sent(self._write_elsewhere(self._amends.noted(decision)))

    def _is_another(self, decision: Decision, changed: Contact) -> bool:
        """Whether the contact that was changed has lost, unseen, what the row knew it by."""
        before = decision.contact
        if before is None or changed.urns == before.urns:
            return False
        return not self._amends.is_meant(decision, changed)

    def _write_elsewhere(self, decision: Decision) -> Line:
        """Write the row to whoever has its URNs now."""
        rules, record = self._scene.rules, decision.record
        lookups = lookups_for(record.wanted, rules.options.ninth_digit)
        snapshot = Snapshot(look_up(self._client, lookups), rules.options.ninth_digit)
        again = decide(record, snapshot, rules)
        if isinstance(again.step, CreateContact):
            return self.write(again)
        if isinstance(again.step, UpdateContact):
            return self.write(again, may_move=False)
        line = self._line(again)
        if again.record.invalid:
            line = Line(replace(again.outcome, status=Status.REFUSED, requests=1))
        return self._put(line)

    def _put(self, line: Line) -> Line:
        self._journal.put([(line.outcome, line.pending)])
        return line

    def _refused_update(self, decision: Decision, error: Rejected, step: UpdateContact) -> Line:
        """A refusal of the update as a whole: either the contact was deleted, or no changes are taken at all."""
        if all(one.key == "non_field_errors" for one in refusals(error)):
            if self._client.find_contact(uuid=step.contact.uuid) is None:
                return self._gone(decision)
            raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
        return self._refused(decision, error, step.body)

    # ---------------------------------------------------------------------------------------- refusals

    def _gone(self, decision: Decision) -> Line:
        return self._line_of_refusal(decision, [Issue.of("contact-gone").at(decision.record.row)])

    def _failed(self, decision: Decision, error: RequestFailed) -> Line:
        details = {"status": error.details.get("status") or error.details.get("fault")}
        reason = Phrase("error.missing") if isinstance(error, Missing) else Phrase("error.failing", details)
        issue = Issue.of(self._scene.refused, reason=reason)
        return self._line_of_refusal(decision, [issue.at(decision.record.row)])

    def _refused(self, decision: Decision, error: Rejected, body: Mapping[str, object]) -> Line:
        if refusal(error).why is Refusal.SUSPENDED:
            raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
        told = list[Issue]()
        for one in refusals(error):
            urn = _urn(one, body, decision.contact)
            column = self._column(one, urn)
            if one.why is Refusal.URN_TAKEN and urn:
                issue = Issue.of("urn-taken", urn)
            else:
                issue = Issue.of(self._scene.refused, reason=one.sentence or in_words(error))
            told.append(issue.at(decision.record.row, *((column.header, column.letter) if column else ())))
        return self._line_of_refusal(decision, told)

    def _line_of_refusal(self, decision: Decision, told: list[Issue]) -> Line:
        outcome = decision.outcome
        before = self._scene.earlier.unfinished.get(outcome.row)
        changes, requests = (before.changes, before.requests) if before else ((), 0)
        return Line(
            replace(
                outcome,
                status=Status.REFUSED,
                changes=changes,
                issues=(*outcome.issues, *told),
                requests=requests + 1,
            )
        )

    def _column(self, refused: Refused, urn: str) -> Column | None:
        """The column that the refusal is about. urn: the one that it names."""
        keys = [refused.key, refused.key.partition(".")[0]]
        if urn:
            keys.insert(0, f"urns:{scheme_of(urn)}")
        return next((self._scene.columns[key] for key in keys if key in self._scene.columns), None)


def _urn(refused: Refused, body: Mapping[str, object], contact: Contact | None) -> str:
    """The URN that the refusal is about; "" if it is about none, or nobody can say which. contact: as it was."""
    top, _, rest = refused.key.partition(".")
    sent = body.get("urns")
    urns = sent if isinstance(sent, list) else []
    if top == "urns" and rest.isdecimal() and int(rest) < len(urns):
        return str(urns[int(rest)])
    if refused.why is not Refusal.URN_TAKEN:
        return ""
    new = [urn for urn in urns if contact is None or urn not in contact.urns]
    return str(new[0]) if len(new) == 1 else ""


def _is_as_made(contact: Contact, wanted: Wanted, rules: Rules) -> bool:
    """Whether a contact is just what the creation of a row without a key would have made."""
    groups = {group.name.casefold() for group in contact.groups}
    joined = {key for key in groups if not (key in rules.groups and rules.groups[key].dynamic)}
    values = {key: value for key, value in contact.fields.items() if value is not None}
    asked = {key: value for key, value in wanted.fields.items() if value is not None}
    return (
        not contact.urns
        and contact.name == (None if wanted.name is LEAVE else wanted.name)
        and contact.language == (None if wanted.language is LEAVE else wanted.language)
        and joined == {name.casefold() for name in wanted.groups}
        and values.keys() <= asked.keys()
        and all(
            same_value(rules.types.get(key, "text"), value, values.get(key)) for key, value in asked.items()
        )
    )
