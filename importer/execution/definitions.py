"""Does to fields and groups what the sheets Fields and Groups say, one by one, with every intent in the journal first.

What the server refuses is the line of its row, as with contacts. Of a group that is to be deleted the members are
noted before, so that an undo can put them back.
"""

from collections.abc import Callable, Iterable, Mapping

from importer.api import Client
from importer.api.refusal import Refusal, in_words, refusal
from importer.definitions.steps import (
    CreateField,
    CreateGroup,
    DeleteGroup,
    RenameGroup,
    Step,
    UpdateField,
)
from importer.errors import Failing, Missing, NotAllowed, Rejected, Unusable
from importer.execution.defined import DONE
from importer.execution.prepare import Made, answer_of, create_settled, same_field, same_group
from importer.issues import Issue, Phrase
from importer.journal import Journal
from importer.journal.forms import issue_to_json
from importer.model import Field, Group, Place

Sleep = Callable[[float], object]


class Definer:
    """Carries out steps. sleep: lets so many seconds pass. on_done: is told when one more is through.

    check: raises Interrupted where the user wants to stop.
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        sleep: Sleep,
        on_done: Callable[[int], None],
        check: Callable[[], None],
    ) -> None:
        self._client, self._journal, self._sleep = client, journal, sleep
        self._on_done, self._check = on_done, check

    def carry_out(self, steps: Iterable[Step]) -> Mapping[str, Group]:
        """Do one step after the other; returns the groups that were made, by casefolded name.

        Raises:
            NotAllowed, Unavailable, Interrupted: the journal holds all that was done so far.
        """
        made: dict[str, Group] = {}
        for step in steps:
            self._check()
            match step:
                case CreateField():
                    self._create_field(step)
                case UpdateField():
                    self._update_field(step)
                case CreateGroup():
                    if group := self.create_group(step):
                        made[step.name.casefold()] = group
                case RenameGroup():
                    self._rename_group(step)
                case DeleteGroup():
                    self._delete_group(step)
            self._on_done(1)
        return made

    def _begin(self, kind: str, place: Place, **request: object) -> int:
        sheet, row = place
        return self._journal.begin(kind, (row,), {"sheet": sheet, **request})

    def _create_field(self, step: CreateField) -> None:
        field = step.field

        def look() -> Field | None:
            found = same_field(self._client.list_fields(), field.key)
            return found if found and found.value_type == field.value_type else None

        number = self._begin("create-field", step.place, label=field.label, value_type=field.value_type)
        self._create(
            number, lambda: self._client.create_field(field.label, field.value_type), look, field.label
        )

    def create_group(self, step: CreateGroup, **more: object) -> Group | None:
        """Make a group; None if that is refused. more: facts to keep with the step."""

        def look() -> Group | None:
            return same_group(self._client.list_groups(), step.name)

        number = self._begin("create-group", step.place, name=step.name, **more)
        return self._create(number, lambda: self._client.create_group(step.name), look, step.name)

    def _create(
        self, number: int, send: Callable[[], Made], look: Callable[[], Made | None], name: str
    ) -> Made | None:
        try:
            made, ours = create_settled(send, look, name, self._sleep)
        except Unusable as error:
            if error.key != "creation-refused":
                raise
            self._refuse(number, Issue.of("refused", reason=error.details["reason"]))
            return None
        self._journal.finish(number, answer_of(made) if ours else "found")
        return made

    def _update_field(self, step: UpdateField) -> None:
        before, after = step.before, step.after
        number = self._begin(
            "update-field",
            step.place,
            key=after.key,
            label=after.label,
            value_type=after.value_type,
            before={"label": before.label, "value_type": before.value_type},
        )
        self._change(number, lambda: self._client.update_field(after.key, after.label, after.value_type))

    def _rename_group(self, step: RenameGroup) -> None:
        uuid, before = step.group.uuid, step.group.name
        number = self._begin("rename-group", step.place, uuid=uuid, name=step.name, before=before)
        self._change(number, lambda: self._client.rename_group(uuid, step.name))

    def _delete_group(self, step: DeleteGroup) -> None:
        group = step.group
        members = [contact.uuid for page in self._client.contact_pages(group=group.uuid) for contact in page]
        number = self._begin(
            "delete-group",
            step.place,
            uuid=group.uuid,
            name=group.name,
            dynamic=group.dynamic,
            members=list(dict.fromkeys(members)),
        )
        self._change(
            number, lambda: self._client.delete_group(group.uuid), answer_of(group), is_deletion=True
        )

    def _change(
        self,
        number: int,
        send: Callable[[], object],
        answer: Mapping[str, object] = DONE,
        *,
        is_deletion: bool = False,
    ) -> None:
        try:
            send()
        except Missing:
            if is_deletion:
                self._journal.finish(number, "gone")
            else:
                self._refuse(number, Issue.of("refused", reason=Phrase("error.missing")))
        except Failing as error:
            status = error.details.get("status") or error.details.get("fault")
            self._refuse(number, Issue.of("refused", reason=Phrase("error.failing", {"status": status})))
        except Rejected as error:
            refused = refusal(error)
            if refused.key == "non_field_errors" and refused.why is Refusal.OTHER and not is_deletion:
                raise NotAllowed("workspace-suspended", reason=in_words(error)) from None
            self._refuse(number, Issue.of("refused", reason=in_words(error)))
        else:
            self._journal.finish(number, answer)

    def _refuse(self, number: int, issue: Issue) -> None:
        # a list, for an object tells of something that was done
        self._journal.finish(number, [issue_to_json(issue)])
