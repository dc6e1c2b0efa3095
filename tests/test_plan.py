"""importer.plan: what is to be done for each row, and what is never done."""

from collections import Counter
from collections.abc import Callable, Set

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from importer.decisions import Rules, decide
from importer.issues import Issue, Phrase
from importer.model import LEAVE, Change, Contact, Field, Group, Outcome, Record, Status, Wanted
from importer.options import NinthDigit, Options
from importer.packed import Packed
from importer.plan import Plan
from importer.repeats import settle
from importer.snapshot import Snapshot, scheme_of
from importer.steps import Act, CreateContact, Decision, Membership, UpdateContact, as_first
from importer.totals import Totals, countries_of
from importer.urns import identity
from importer.wishes import Wishes

TYPES = {"city": "text", "age": "numeric", "since": "datetime"}
A, B, C = (f"{digit * 8}-2222-4333-8444-555555555555" for digit in "123")
VIP, NOVOS, DYN = Group("g1", "VIP"), Group("g2", "Novos"), Group("g3", "Ativos", dynamic=True)
NINE, EIGHT = "5582990000001", "558290000001"

ANA = Contact(
    A, "Ana", "por", ("tel:+5582900000001", "mailto:ana@example.com"), (VIP, DYN),
    {"city": "Recife", "age": "30", "since": "2024-01-31T00:00:00.000000-03:00"},
)  # fmt: skip


def rules(**options: object) -> Rules:
    return Rules(TYPES, {group.name.casefold(): group for group in (VIP, NOVOS, DYN)}, Options(**options))


class Rows:
    """Rows of a file of which nothing can be told at a glance."""

    plain, told, refused, settled = (), {}, {}, {}

    def __init__(self, records: list[Record]) -> None:
        self.found = records

    wishes = Wishes(Packed.of(()), (), (), (), Packed.of(()), "upsert")

    def records(self, without: Set[int] = frozenset()) -> list[Record]:
        return self.found


def rows_of(records: list[Record]) -> Callable[[], list[Rows]]:
    return lambda: [Rows(records)]


def decided(wanted: Wanted, *contacts: Contact, **options: object) -> Decision:
    chosen = rules(**options)
    return decide(Record(7, wanted), Snapshot(contacts, chosen.options.ninth_digit), chosen)


def codes(decision: Decision) -> list[str]:
    return [issue.code for issue in decision.record.issues]


def reason(decision: Decision) -> str:
    found = decision.record.issues[-1].details["reason"]
    assert isinstance(found, Phrase)
    return found.key


# --------------------------------------------------------------------------------------------- new contacts


def test_a_new_contact_is_one_request_with_everything():
    wanted = Wanted(
        None,
        "Ana",
        "por",
        ("ext:1", "ext:2"),
        ("VIP", "Outros"),
        ("Novos",),
        True,
        {"city": "Recife", "age": None},
    )
    decision = decided(wanted)
    body = {
        "name": "Ana", "language": "por", "urns": ["ext:1", "ext:2"], "groups": ["VIP", "Outros"],
        "fields": {"city": "Recife"},
    }  # fmt: skip
    assert decision.step == CreateContact(7, body)
    assert decision.memberships == ()
    assert decision.outcome == Outcome(
        7,
        Status.CREATED,
        changes=(
            Change("name", None, "Ana"), Change("language", None, "por"), Change("urns", (), ("ext:1", "ext:2")),
            Change("groups", (), ("VIP", "Outros")), Change("field:city", None, "Recife"),
        ),
        requests=1,
    )  # fmt: skip


def test_what_is_to_be_cleared_is_not_sent_of_a_new_contact():
    decision = decided(Wanted(None, None, None, ("ext:1",), fields={"city": None}))
    assert decision.step == CreateContact(7, {"urns": ["ext:1"]})


def test_a_row_without_a_key_makes_a_contact_each_time():
    decision = decided(Wanted(name="Ana"), ANA)
    assert decision.step == CreateContact(7, {"name": "Ana"})


# ---------------------------------------------------------------------------------------- existing contacts


def test_only_what_changes_is_sent():
    wanted = Wanted(
        A, "Ana Lima", "por", ("mailto:ana@example.com", "ext:1"), ("vip", "Novos"), (), False,
        {"city": "Natal", "age": "30.0", "since": "2024-01-31T03:00:00+00:00"},
    )  # fmt: skip
    decision = decided(wanted, ANA)
    urns = (*ANA.urns, "ext:1")
    assert decision.step == UpdateContact(
        7, ANA, {"name": "Ana Lima", "urns": list(urns), "fields": {"city": "Natal"}}
    )
    assert decision.memberships == (Membership(7, A, "Novos", joins=True),)
    assert decision.changes == (
        Change("name", "Ana", "Ana Lima"), Change("urns", ANA.urns, urns), Change("field:city", "Recife", "Natal"),
        Change("groups", ("VIP", "Ativos"), ("VIP", "Ativos", "Novos")),
    )  # fmt: skip
    assert (decision.outcome.status, decision.outcome.uuid, decision.outcome.requests) == (
        Status.UPDATED,
        A,
        1,
    )


def test_nothing_to_change_is_nothing_to_send():
    wanted = Wanted(
        None, "Ana", "por", ANA.urns[1:], ("VIP",), ("Novos",), fields={"city": "Recife", "age": "30"}
    )
    decision = decided(wanted, ANA)
    assert (decision.step, decision.memberships, decision.changes) == (None, (), ())
    assert decision.outcome == Outcome(7, Status.UNCHANGED, A)


def test_memberships_alone_are_a_change_without_a_request_of_their_own():
    decision = decided(Wanted(A, groups=("Novos",)), ANA)
    assert decision.step is None
    assert (decision.outcome.status, decision.outcome.requests) == (Status.UPDATED, 0)


def test_clearing_sends_null_once():
    wanted = Wanted(A, None, None, fields={"city": None, "age": None})
    decision = decided(wanted, ANA)
    assert decision.step == UpdateContact(
        7, ANA, {"name": None, "language": None, "fields": {"city": None, "age": None}}
    )
    assert all(change.removes for change in decision.changes)
    assert decided(wanted, Contact(A)).outcome.status is Status.UNCHANGED


def test_a_language_in_capitals_is_put_right():
    decision = decided(Wanted(A, language="por"), replace(ANA, language="POR"))
    assert decision.step == UpdateContact(7, replace(ANA, language="POR"), {"language": "por"})


@pytest.mark.parametrize(
    ("wanted", "joins", "leaves"),
    [
        (Wanted(A, groups=("vip",)), [], []),
        (Wanted(A, groups_left=("vip",)), [], ["VIP"]),
        (Wanted(A, groups=("Novos",), groups_left=("VIP",)), ["Novos"], ["VIP"]),
        (Wanted(A, groups_left=("Novos", "Unknown")), [], []),
        (Wanted(A, clear_groups=True), [], ["VIP"]),
        (Wanted(A, groups=("VIP", "Novos"), clear_groups=True), ["Novos"], []),
    ],
)
def test_groups_are_joined_and_left_one_by_one(wanted, joins, leaves):
    """A group that a query fills is not to be left with the others."""
    decision = decided(wanted, ANA)
    assert codes(decision) == []
    assert [member.group for member in decision.memberships if member.joins] == joins
    assert [member.group for member in decision.memberships if not member.joins] == leaves
    assert "groups" not in (decision.step.body if decision.step else {})


# -------------------------------------------------------------------------------------------- which contact


@pytest.mark.parametrize(
    ("urn", "sent"),
    [
        (f"tel:+{NINE}", None),
        (f"tel:+{EIGHT}", None),
        (f"whatsapp:{EIGHT}", [f"tel:+{NINE}", f"whatsapp:{EIGHT}"]),
    ],
)
def test_a_phone_is_the_same_in_any_notation(urn, sent):
    """The stored form stays; another scheme is another URN, which is added."""
    contact = Contact(A, urns=(f"tel:+{NINE}",))
    decision = decided(Wanted(urns=(urn,)), contact)
    assert decision.contact == contact
    assert decision.step == (UpdateContact(7, contact, {"urns": sent}) if sent else None)


def test_the_other_notation_may_be_another_number():
    contact = Contact(A, urns=(f"tel:+{NINE}",))
    assert (
        decided(Wanted(urns=(f"tel:+{EIGHT}",)), contact, ninth_digit="keep").outcome.status is Status.CREATED
    )
    decision = decided(Wanted(A, urns=(f"tel:+{EIGHT}",)), contact, ninth_digit="keep")
    assert decision.step.body == {"urns": [f"tel:+{NINE}", f"tel:+{EIGHT}"]}
    assert decided(Wanted(urns=(f"whatsapp:{NINE}",)), contact, ninth_digit="keep").contact == contact


def test_a_contact_that_has_both_notations_keeps_both():
    contact = Contact(A, urns=(f"tel:+{EIGHT}", f"tel:+{NINE}"))
    wanted = Wanted(urns=(f"tel:+{EIGHT}", f"tel:+{NINE}"))
    assert decided(wanted, contact).outcome.status is Status.UNCHANGED
    assert decided(wanted, contact, urns_mode="replace").outcome.status is Status.UNCHANGED
    decision = decided(Wanted(urns=(f"tel:+{NINE}",)), contact, urns_mode="replace")
    assert decision.step.body == {"urns": [f"tel:+{NINE}"]}


def test_a_uuid_wins():
    decision = decided(Wanted(A, urns=("ext:1",)), ANA, Contact(B, urns=("ext:2",)))
    assert decision.contact == ANA


def test_a_uuid_must_be_there():
    decision = decided(Wanted(C, urns=("ext:2",)), ANA, Contact(B, urns=("ext:2",)))
    assert codes(decision) == ["uuid-not-found"]
    assert (decision.step, decision.outcome.status) == (None, Status.INVALID)


@pytest.mark.parametrize("urn", ["ext:2", f"tel:+{NINE}", f"tel:+{EIGHT}"])
def test_an_urn_of_another_contact_is_not_taken(urn):
    other = Contact(B, "Bia", urns=("ext:2", f"tel:+{NINE}"))
    decision = decided(Wanted(A, "Ana", urns=(urn,)), ANA, other)
    assert codes(decision) == ["row-conflict"]
    assert reason(decision) == "conflict.not-the-uuid"
    assert decision.record.issues[0].details["reason"].facts == {"urn": urn, "other": f"Bia ({B})"}
    assert decision.outcome.uuid is None


def test_the_number_under_another_scheme_may_be_another_contacts():
    other = Contact(B, urns=(f"whatsapp:{NINE}",))
    decision = decided(Wanted(A, urns=(f"tel:+{NINE}",)), ANA, other)
    assert decision.step.body == {"urns": [*ANA.urns, f"tel:+{NINE}"]}


def test_keys_of_two_contacts_are_a_conflict():
    decision = decided(Wanted(urns=("ext:2", "mailto:ana@example.com")), ANA, Contact(B, urns=("ext:2",)))
    assert codes(decision) == ["row-conflict"]
    assert reason(decision) == "conflict.two-contacts"


def test_one_number_that_two_contacts_have_is_a_conflict():
    """One under each scheme: which of them is meant cannot be told, unless a contact has just this one."""
    contacts = Contact(A, urns=(f"whatsapp:{NINE}",)), Contact(B, urns=(f"whatsapp:{EIGHT}",))
    assert codes(decided(Wanted(urns=(f"tel:+{NINE}",)), *contacts)) == ["row-conflict"]
    assert decided(Wanted(urns=(f"whatsapp:{EIGHT}",)), *contacts).contact == contacts[1]


# ----------------------------------------------------------------------------------------------- options


def test_replacing_groups_makes_the_row_the_whole_truth():
    decision = decided(Wanted(A, groups=("Novos",)), ANA, groups_mode="replace")
    assert decision.memberships == (
        Membership(7, A, "Novos", joins=True),
        Membership(7, A, "VIP", joins=False),
    )
    assert decision.changes == (Change("groups", ("VIP", "Ativos"), ("Ativos", "Novos")),)
    assert decision.changes[0].removes


def test_a_row_that_says_nothing_of_groups_leaves_them_even_so():
    decision = decided(Wanted(A, name="Ana"), ANA, groups_mode="replace")
    assert decision.outcome.status is Status.UNCHANGED


def test_replacing_urns_makes_the_row_the_whole_truth():
    decision = decided(Wanted(urns=("ext:1", "mailto:ana@example.com")), ANA, urns_mode="replace")
    assert decision.step == UpdateContact(7, ANA, {"urns": ["ext:1", "mailto:ana@example.com"]})
    assert decision.changes[0].removes


@pytest.mark.parametrize("urns", [(), ANA.urns, ANA.urns[::-1]])
def test_replacing_urns_does_not_mind_their_order_nor_a_row_without_any(urns):
    assert decided(Wanted(A, urns=urns), ANA, urns_mode="replace").outcome.status is Status.UNCHANGED


@pytest.mark.parametrize(
    ("action", "there", "found"),
    [
        ("upsert", False, "created"), ("upsert", True, "updated"),
        ("create", False, "created"), ("create", True, "contact-exists"),
        ("update", False, "contact-missing"), ("update", True, "updated"),
    ],
)  # fmt: skip
def test_actions(action, there, found):
    decision = decided(Wanted(name="Bia", urns=ANA.urns, action=action), *[ANA] * there)
    assert (codes(decision) or [decision.outcome.status]) == [found]
    assert (decision.step is None) == bool(codes(decision))


BLOCKED, STOPPED = replace(ANA, blocked=True, groups=()), replace(ANA, stopped=True, groups=())


@pytest.mark.parametrize(
    ("action", "contact", "found", "changes"),
    [
        ("block", ANA, "updated", [("status", "active", "blocked"), ("groups", ("VIP", "Ativos"), ())]),
        ("block", STOPPED, "updated", [("status", "stopped", "blocked")]),
        ("block", BLOCKED, "unchanged", []),
        ("unblock", BLOCKED, "updated", [("status", "blocked", "active")]),
        ("unblock", STOPPED, "updated", [("status", "stopped", "active")]),
        ("unblock", ANA, "unchanged", []),
        ("block", None, "contact-missing", []),
        ("unblock", None, "contact-missing", []),
    ],
)
def test_a_contact_is_blocked_and_unblocked_by_the_hundred(action, contact, found, changes):
    decision = decided(Wanted(urns=ANA.urns, action=action), *[contact] if contact else [])
    assert (codes(decision) or [decision.outcome.status]) == [found]
    assert decision.changes == tuple(Change(*change) for change in changes)
    assert decision.step is None
    acts = (Act(7, A, action, contact),) if found == "updated" else ()
    assert decision.batched == acts


@pytest.mark.parametrize("wanted", [Wanted(A, action="delete"), Wanted(urns=ANA.urns[1:], action="delete")])
def test_a_contact_is_deleted_by_its_uuid_or_by_any_urn(wanted):
    decision = decided(wanted, ANA)
    assert decision.batched == (Act(7, A, "delete", ANA),)
    assert (decision.outcome.status, decision.outcome.uuid, decision.outcome.requests) == (
        Status.DELETED,
        A,
        0,
    )
    assert {(change.attribute, change.new) for change in decision.changes} == {
        ("name", None), ("language", None), ("urns", ()), ("groups", ()), ("field:city", None),
        ("field:age", None), ("field:since", None),
    }  # fmt: skip
    assert decided(wanted, Contact(A, urns=ANA.urns)).outcome.status is Status.DELETED


@pytest.mark.parametrize("wanted", [Wanted(B, action="delete"), Wanted(urns=("ext:x",), action="delete")])
def test_a_contact_to_delete_that_is_not_there_is_skipped(wanted):
    decision = decided(wanted, ANA)
    assert (decision.outcome.status, codes(decision), decision.batched) == (
        Status.SKIPPED,
        ["contact-absent"],
        (),
    )


@pytest.mark.parametrize("action", ["delete", "block", "unblock"])
def test_keys_of_two_contacts_delete_neither(action):
    other = Contact(B, urns=("ext:b",))
    for wanted in (
        Wanted(urns=(*ANA.urns, "ext:b"), action=action),
        Wanted(A, urns=("ext:b",), action=action),
    ):
        decision = decided(wanted, ANA, other)
        assert (codes(decision), decision.batched) == (["row-conflict"], ())


def test_rows_that_ask_for_different_things_of_one_contact_are_held_back():
    """Though they share no key: one means it by its phone, the other by its e-mail."""
    records = [
        Record(2, Wanted(urns=ANA.urns[:1], action="delete")), Record(3, Wanted(name="Bia", urns=ANA.urns[1:])),
        Record(4, Wanted(A, action="delete")), Record(5, Wanted(urns=("ext:b",), action="delete")),
    ]  # fmt: skip
    plan = Plan(rows_of(records), Snapshot([ANA, Contact(B, urns=("ext:b",))]), rules())
    assert [outcome.status for outcome in plan.outcomes()] == ["invalid", "invalid", "invalid", "deleted"]
    assert (plan.totals.acts, plan.totals.destroyed, plan.writes) == ({"delete": 1}, 1, 1)


def test_acts_go_a_hundred_a_request_and_make_no_field():
    people = [Contact(f"{n:08}-2222-4333-8444-555555555555", urns=(f"ext:{n}",)) for n in range(250)]
    records = [
        Record(n, Wanted(urns=(f"ext:{n}",), action="delete" if n < 101 else "block")) for n in range(250)
    ]
    plan = Plan(rows_of(records), Snapshot(people), rules(), [Field("cor", "Cor")])
    assert (plan.writes, plan.totals.destroyed, plan.new_fields) == (2 + 2, 250, ())


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("Novoss", Phrase("did-you-mean", {"other": "Novos"})), ("Completely different", "")],
)
def test_an_unknown_group_can_be_refused(name, suggested):
    wanted = Wanted(urns=("ext:1",), groups=("vip", name), groups_left=("Whatever",))
    assert codes(decided(wanted)) == []
    decision = decided(wanted, new_groups="error")
    assert codes(decision) == ["group-unknown"]
    assert decision.record.issues[0].value == name
    assert decision.record.issues[0].details == {"suggestion": suggested}


# ------------------------------------------------------------------------------- what the server would not do


def test_nobody_is_put_into_a_group_that_a_query_fills_or_taken_out():
    assert codes(decided(Wanted(urns=("ext:1",), groups=("ATIVOS",)))) == ["group-dynamic"]
    assert codes(decided(Wanted(A, groups=("Ativos",)), replace(ANA, groups=()))) == ["group-dynamic"]
    assert codes(decided(Wanted(A, groups_left=("Ativos",)), ANA)) == ["group-dynamic"]


def test_a_group_that_a_query_fills_may_be_named_where_nothing_changes():
    """So that the platform's own export comes back as it is."""
    assert decided(Wanted(A, groups=("Ativos", "VIP")), ANA).outcome.status is Status.UNCHANGED
    assert (
        decided(Wanted(A, groups_left=("Ativos",)), replace(ANA, groups=())).outcome.status
        is Status.UNCHANGED
    )


@pytest.mark.parametrize("state", ["blocked", "stopped"])
def test_who_is_not_active_joins_no_group(state):
    contact = replace(ANA, **{state: True})
    assert codes(decided(Wanted(A, groups=("Novos",)), contact)) == ["contact-blocked"]
    assert decided(Wanted(A, "Ana Lima", groups=("VIP",)), contact).outcome.status is Status.UPDATED
    assert decided(Wanted(A, groups_left=("VIP",)), contact).outcome.status is Status.UPDATED


@pytest.mark.parametrize(("more", "told"), [(98, []), (99, ["too-many-urns"])])
def test_a_contact_has_a_hundred_urns_with_those_it_had(more, told):
    assert codes(decided(Wanted(A, urns=tuple(f"ext:{number}" for number in range(more))), ANA)) == told


@pytest.mark.parametrize(
    "stored", ["weniwebchat:12@example.com", "deleted:12", "line:" + "x" * 37, "teams:12", "jiochat:x"]
)
def test_an_update_costs_nobody_an_urn_that_the_server_would_drop(stored):
    """It does so without a word when an update names it; what does not touch the URNs goes through."""
    contact = replace(ANA, urns=(*ANA.urns, stored))
    decision = decided(Wanted(A, urns=("ext:1",)), contact)
    assert codes(decision) == ["urn-would-be-lost"]
    assert decision.step is None
    assert decided(Wanted(A, "Ana Lima", urns=ANA.urns), contact).outcome.status is Status.UPDATED
    replaced = decided(Wanted(A, urns=("ext:1",)), contact, urns_mode="replace")
    assert replaced.step.body == {"urns": ["ext:1"]}


@pytest.mark.parametrize(
    "stored",
    ["line:ana_1", "jiochat:12", "teams:a:12:serviceURL:https://x", "viber:ana=", "ext:a b", "slack:x"],
)
def test_other_urns_stay_with_an_update(stored):
    contact = Contact(A, urns=(stored,))
    assert decided(Wanted(A, urns=("ext:1",)), contact).step.body == {"urns": [stored, "ext:1"]}


@pytest.mark.parametrize(
    "record",
    [
        Record(7, Wanted(A), (Issue.of("phone-invalid").at(7),)),
        Record(7, Wanted(A), skipped=True),
        Record(7, Wanted(A), into=2),
    ],
)
def test_nothing_is_decided_for_a_row_that_does_not_count(record):
    assert decide(record, Snapshot([ANA]), rules()) == Decision(record)


def test_warnings_stay_with_the_row():
    note = Issue.of("language-normalised", "pt", code="por").at(7)
    decision = decide(Record(7, Wanted(C), (note,)), Snapshot(), rules())
    assert codes(decision) == ["language-normalised", "uuid-not-found"]
    assert [issue.row for issue in decision.outcome.issues] == [7, 7]


# ------------------------------------------------------------------------------------ rows that go together


def line(row: int, status: Status, into: int | None = None, uuid: str | None = None) -> Outcome:
    return Outcome(row, status, uuid, into=into)


@pytest.mark.parametrize(
    ("first", "status", "told"),
    [
        (line(2, Status.CREATED, uuid=A), Status.CREATED, []),
        (line(2, Status.UNCHANGED, uuid=A), Status.UNCHANGED, []),
        (line(2, Status.REFUSED), Status.REFUSED, ["row-held-back"]),
        (line(2, Status.INVALID), Status.INVALID, ["row-held-back"]),
        (line(2, Status.NOT_SENT), Status.NOT_SENT, []),
    ],
)
def test_what_becomes_of_the_first_row_becomes_of_the_others(first, status, told):
    """Through a chain of them as well: 5 goes with 3, which goes with 2."""
    of_row = {2: first, 3: line(3, Status.UNCHANGED, into=2)}
    for into in (2, 3):
        found = as_first(line(5, Status.UNCHANGED, into), of_row.get)
        assert (found.row, found.into, found.status, found.uuid) == (5, into, status, first.uuid)
        assert [(issue.code, issue.row, issue.details["other_row"]) for issue in found.issues] == [
            (code, 5, 2) for code in told
        ]


def test_a_row_in_between_that_was_held_back_holds_those_behind_it():
    of_row = {2: line(2, Status.CREATED, uuid=A), 3: line(3, Status.INVALID, into=2)}
    found = as_first(line(5, Status.UNCHANGED, into=3), of_row.get)
    assert (found.status, found.issues[0].details["other_row"]) == (Status.INVALID, 3)


def test_a_row_whose_first_is_not_known_was_not_sent():
    assert as_first(line(5, Status.UNCHANGED, into=3), {}.get).status is Status.NOT_SENT


def test_a_row_that_stands_for_itself_stays_as_it_is():
    for outcome in (line(5, Status.CREATED), line(5, Status.INVALID, into=3)):
        assert as_first(outcome, {}.get) is outcome


# ------------------------------------------------------------------------------------------ the whole plan


def make_plan(records: list[Record], *contacts: Contact, **options: object) -> Plan:
    return Plan(rows_of(records), Snapshot(contacts), rules(**options), [Field("shoe", "Shoe")])


def rows(*wanted: Wanted) -> list[Record]:
    return [Record(number, one) for number, one in enumerate(wanted, 2)]


def test_a_plan_counts_what_it_will_send():
    plan = make_plan(
        rows(
            Wanted(urns=("ext:1",), groups=("VIP", "Outros", "outros", "Mais")[:2]),
            Wanted(urns=("ext:2",), groups=("OUTROS",)),
            Wanted(A, "Ana Lima", groups=("Novos",), groups_left=("VIP",)),
            Wanted(B, groups=("Novos",)),
            Wanted(C),
        ),
        ANA,
        Contact(B, urns=("tel:+5582900000009",)),
    )
    assert {status: count for status, count in plan.totals.rows.items() if count} == {
        Status.CREATED: 2, Status.UPDATED: 2, Status.INVALID: 1,
    }  # fmt: skip
    assert plan.new_groups == ("Outros",)
    assert plan.totals.memberships == {("novos", True): 2, ("vip", False): 1}
    assert plan.totals.removals == 1
    assert plan.totals.issues == {"uuid-not-found": 1}
    # one field, one group, two new contacts and one update, two batches
    assert plan.writes == 1 + 1 + 3 + 2
    assert plan.issues == ()


@pytest.mark.parametrize(("count", "batches"), [(0, 0), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_memberships_go_a_hundred_a_request(count, batches):
    uuids = [f"{number:08}-2222-4333-8444-555555555555" for number in range(count)]
    plan = make_plan(rows(*(Wanted(uuid, groups=("VIP",)) for uuid in uuids)), *map(Contact, uuids))
    assert (plan.totals.batches, plan.totals.contact_writes) == (batches, 0)


def test_a_group_of_a_row_that_is_held_back_is_not_made():
    plan = make_plan(rows(Wanted(C, groups=("Outros",)), Wanted(urns=("ext:1",), groups=("Ativos", "Mais"))))
    assert plan.new_groups == ()


def test_fields_are_not_made_where_no_row_comes_through():
    assert make_plan(rows(Wanted(C))).writes == 0
    assert make_plan(rows(Wanted(A)), ANA).new_fields == (Field("shoe", "Shoe"),)


@pytest.mark.parametrize(("needed", "told"), [(247, []), (248, ["workspace-groups-full"])])
def test_a_workspace_has_room_for_so_many_groups(needed, told):
    """Three are there."""
    plan = make_plan(rows(*(Wanted(urns=(f"ext:{n}",), groups=(f"Turma {n}",)) for n in range(needed))))
    assert [issue.code for issue in plan.issues] == told


def test_rows_that_share_only_their_contact_go_together():
    """One by its phone, one by its e-mail; a third was merged into the second within the file."""
    records = rows(
        Wanted(urns=ANA.urns[:1], name="Ana Lima"),
        Wanted(urns=ANA.urns[1:], language="eng"),
        Wanted(urns=ANA.urns[1:]),
    )
    records[2] = replace(records[2], into=3)
    plan = make_plan(records, ANA)
    steps = [decision.step for decision in plan.decisions()]
    assert steps == [UpdateContact(2, ANA, {"name": "Ana Lima", "language": "eng"}), None, None]
    assert [(line.status, line.uuid, line.into) for line in plan.outcomes()] == [
        (Status.UPDATED, A, None), (Status.UPDATED, A, 2), (Status.UPDATED, A, 3),
    ]  # fmt: skip
    assert plan.totals.rows[Status.UPDATED] == 3
    assert plan.totals.contact_writes == 1


def test_rows_that_share_only_their_contact_may_contradict():
    records = rows(
        Wanted(urns=ANA.urns[:1], name="Ana Lima"),
        Wanted(urns=ANA.urns[1:], name="Ana Maria"),
        Wanted(urns=ANA.urns[1:]),
    )
    records[2] = replace(records[2], into=3)
    plan = make_plan(records, ANA)
    assert [line.status for line in plan.outcomes()] == [Status.INVALID] * 3
    assert [[issue.code for issue in line.issues] for line in plan.outcomes()] == [
        ["row-conflict"], ["row-conflict"], ["row-held-back"],
    ]  # fmt: skip
    assert plan.writes == 0


@pytest.mark.parametrize(
    ("duplicates", "found"),
    [("first", ["updated", "skipped"]), ("last", ["skipped", "updated"]), ("error", ["invalid", "invalid"])],
)
def test_the_option_for_duplicates_holds_for_them_too(duplicates, found):
    records = rows(Wanted(urns=ANA.urns[:1], name="Bia"), Wanted(urns=ANA.urns[1:], name="Caio"))
    assert [line.status for line in make_plan(records, ANA, duplicates=duplicates).outcomes()] == found


def test_a_row_with_an_error_of_its_own_takes_no_other_with_it():
    other = Contact(B, urns=("ext:2",))
    records = rows(
        Wanted(urns=(ANA.urns[0], "ext:2"), name="Bia"), Wanted(urns=ANA.urns[1:], name="Ana Lima")
    )
    assert [line.status for line in make_plan(records, ANA, other).outcomes()] == [
        Status.INVALID,
        Status.UPDATED,
    ]


def test_the_mix_of_countries_is_of_contacts():
    assert countries_of(Wanted(urns=("tel:+5582900000001", "whatsapp:351912345678", "ext:55", "whatsapp:BR.1A2b"))) == {
        "BR", "PT",
    }  # fmt: skip
    plan = make_plan(
        rows(
            Wanted(urns=("tel:+5582900000001", "tel:+5582900000002")), Wanted(urns=("whatsapp:351912345678",)),
            Wanted(urns=("ext:1",)), Wanted(C, urns=("tel:+5582900000003",)),
        )
    )  # fmt: skip
    assert plan.totals.countries == {"BR": 1, "PT": 1}


SOME_URNS = [
    "", "", "tel:+5582900000001", "tel:+5582900000001", "tel:+5511900000001", "tel:+12025550143", "tel:+14165550143",
    "tel:+80012345678", "whatsapp:5582900000001", "whatsapp:351912345678", "ext:tel:+55", "mailto:ç@example.com",
    "tel:+5582900000001#Žofia: a", "tel:190",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.data(), st.lists(st.sampled_from(SOME_URNS), min_size=1, max_size=3, unique=True), st.integers(1, 4)
)
def test_countries_of_many_rows_are_those_of_each(data, some, count):
    columns = data.draw(st.lists(st.lists(st.sampled_from(some), min_size=count, max_size=count), max_size=3))
    unchanged = data.draw(st.sets(st.integers(0, count - 1)))
    totals = Totals()
    totals.add_told(unchanged, set(), range(count), list(map(Packed.of, columns)))
    rows = list(zip(*columns, strict=True)) or [()] * count
    each = Counter(country for row in unchanged for country in countries_of(Wanted(urns=rows[row])))
    assert (totals.countries, totals.rows[Status.UNCHANGED]) == (each, len(unchanged))


# ----------------------------------------------------------------------------------------------- promises

URNS = [
    f"tel:+{NINE}", f"tel:+{EIGHT}", f"whatsapp:{NINE}", f"whatsapp:{EIGHT}", "tel:+5582900000002",
    "mailto:a@example.com", "mailto:b@example.com", "ext:1", "ext:2", "twitterid:1#ana", "weniwebchat:1",
]  # fmt: skip
VALUES = {
    "city": st.sampled_from(["Recife", "Natal"]),
    "age": st.sampled_from(["1", "2.5", "1.0"]),
    "since": st.sampled_from(["2024-01-31T00:00:00-03:00", "2024-01-31T03:00:00+00:00"]),
}
GROUPS = st.sampled_from([VIP, NOVOS, DYN])


@st.composite
def workspaces(draw) -> list[Contact]:
    """Contacts of which no two have one URN."""
    owners = draw(st.lists(st.sampled_from([A, B, C, None]), min_size=len(URNS), max_size=len(URNS)))
    return [
        Contact(
            uuid,
            draw(st.sampled_from([None, "Ana", "Bia"])),
            draw(st.sampled_from([None, "por", "POR"])),
            tuple(urn for urn, owner in zip(URNS, owners, strict=True) if owner == uuid),
            tuple(draw(st.lists(GROUPS, unique=True))),
            draw(st.fixed_dictionaries({}, optional=VALUES)),
            blocked=draw(st.booleans()) and draw(st.booleans()),
        )
        for uuid in draw(st.lists(st.sampled_from([A, B, C]), unique=True))
    ]


@st.composite
def wishes(draw) -> Wanted:
    """What a row may want; groups to join and to leave are never the same."""
    names = draw(st.lists(st.sampled_from(["VIP", "novos", "Ativos", "Outros"]), unique=True))
    joined = draw(st.integers(0, len(names)))
    writable = [urn for urn in URNS if not urn.startswith("weniwebchat")]
    return Wanted(
        draw(st.sampled_from([None, None, A, B])),
        draw(st.sampled_from([LEAVE, None, "Ana", "Caio"])),
        draw(st.sampled_from([LEAVE, None, "por", "eng"])),
        tuple(draw(st.lists(st.sampled_from(writable), min_size=1, max_size=3, unique=True))),
        tuple(names[:joined]),
        tuple(names[joined:]),
        draw(st.sampled_from([False, False, True])),
        draw(st.fixed_dictionaries({}, optional={key: st.none() | value for key, value in VALUES.items()})),
        draw(st.sampled_from(["upsert", "upsert", "create", "update"])),
    )


MODES = st.fixed_dictionaries(
    {},
    optional={
        "groups_mode": st.just("replace"),
        "urns_mode": st.just("replace"),
        "new_groups": st.just("error"),
        "ninth_digit": st.just("keep"),
    },
)


def same_number(one: str, other: str, ninth_digit: NinthDigit) -> bool:
    return scheme_of(one) == scheme_of(other) and identity(one, ninth_digit) == identity(other, ninth_digit)


def carried_out(decision: Decision, uuid: str) -> Contact | None:
    """The contact after the decision's requests, as the server would have it; None if there is none."""
    step = decision.step
    body = step.body if step else {}
    before = decision.contact
    if before is None:
        if step is None:
            return None
        before = Contact(uuid, groups=tuple(Group(name.casefold(), name) for name in body.get("groups", ())))
    fields = {**before.fields, **body.get("fields", {})}
    left = {member.group.casefold() for member in decision.memberships if not member.joins}
    joined = tuple(Group(m.group.casefold(), m.group) for m in decision.memberships if m.joins)
    # an update drops these
    urns = tuple(urn for urn in body.get("urns", before.urns) if "urns" not in body or "webchat" not in urn)
    return replace(
        before,
        name=body.get("name", before.name),
        language=body.get("language", before.language),
        urns=urns,
        groups=(*(group for group in before.groups if group.name.casefold() not in left), *joined),
        fields={key: value for key, value in fields.items() if value is not None},
    )


@given(wishes(), workspaces())
def test_a_plan_never_removes_what_was_not_asked(wanted, contacts):
    """URNs stay, in their order; groups are left only by name or by the mark; blank changes nothing."""
    decision = decided(wanted, *contacts)
    before, after = decision.contact, carried_out(decision, "new")
    if before is None:
        return
    assert after.urns[: len(before.urns)] == before.urns
    assert set(after.urns) <= {*before.urns, *wanted.urns}
    gone = {group.name.casefold() for group in before.groups} - {
        group.name.casefold() for group in after.groups
    }
    assert wanted.clear_groups or gone <= {name.casefold() for name in wanted.groups_left}
    assert not gone & {name.casefold() for name in wanted.groups}
    assert DYN not in before.groups or DYN in after.groups
    for attribute in ("name", "language"):
        asked = getattr(wanted, attribute)
        assert getattr(after, attribute) == (getattr(before, attribute) if asked is LEAVE else asked)
    for key in TYPES.keys() - wanted.fields.keys():
        assert after.fields.get(key) == before.fields.get(key)
    for key, value in wanted.fields.items():
        assert (key in after.fields) == (value is not None)


@given(wishes(), workspaces(), MODES)
def test_what_is_planned_is_only_what_changes(wanted, contacts, modes):
    """The changes tell each difference between before and after, and nothing else."""
    decision = decided(wanted, *contacts, **modes)
    after = carried_out(decision, "new")
    told = {change.attribute: (change.old, change.new) for change in decision.changes}
    assert all(old != new for old, new in told.values())
    if after is None:
        assert not told
        return
    before = decision.contact or Contact("new")
    for attribute in ("name", "language", "urns"):
        old, new = getattr(before, attribute), getattr(after, attribute)
        assert told.pop(attribute, (old, old)) == (old, new)
    names = tuple(tuple(group.name for group in contact.groups) for contact in (before, after))
    assert told.pop("groups", names[:1] * 2) == names
    for key in TYPES:
        old, new = before.fields.get(key), after.fields.get(key)
        assert told.pop(f"field:{key}", (old, old)) == (old, new)
    assert not told


@given(wishes(), workspaces(), MODES)
def test_planning_again_finds_nothing_to_do(wanted, contacts, modes):
    decision = decided(wanted, *contacts, **modes)
    after = carried_out(decision, "00000000-2222-4333-8444-555555555555")
    if after is None:
        return
    others = [contact for contact in contacts if contact.uuid != after.uuid]
    again = decided(replace(wanted, action="upsert"), *others, after, **modes)
    assert (codes(again), again.step, again.memberships, again.changes) == ([], None, (), ())
    assert again.outcome.status is Status.UNCHANGED
    assert again.contact == after


@given(wishes(), workspaces(), MODES)
def test_an_urn_of_another_contact_is_never_written(wanted, contacts, modes):
    """Nor is a new contact made of a number that one has, in whatever notation and scheme."""
    decision = decided(wanted, *contacts, **modes)
    if decision.step is None:
        return
    uuid = decision.contact.uuid if decision.contact else None
    taken = [urn for contact in contacts if contact.uuid != uuid for urn in contact.urns]
    sent, mode = decision.step.body.get("urns", []), Options(**modes).ninth_digit
    assert len({identity_of_server(urn) for urn in sent}) == len(sent)
    had = decision.contact.urns if decision.contact else ()
    for urn in sent:
        assert urn in had or not any(same_number(urn, other, mode) for other in taken)
        if decision.contact is None:
            assert identity(urn, mode) not in {identity(other, mode) for other in taken}


def identity_of_server(urn: str) -> str:
    return urn.partition("#")[0]


@settings(max_examples=150)
@given(
    st.lists(wishes(), max_size=6),
    workspaces(),
    st.sampled_from(["merge", "first", "last", "error"]),
    st.booleans(),
)
def test_a_plan_and_its_totals_agree(wanted, contacts, duplicates, strict):
    """Decisions, lines, totals, requests: the same however often they are asked for; every row has one line."""
    options = {"duplicates": duplicates, "new_groups": "error" if strict else "create"}
    records = settled(rows(*wanted), duplicates)
    plan = make_plan(records, *contacts, **options)
    decisions, lines = list(plan.decisions()), list(plan.outcomes())
    assert (list(plan.decisions()), list(plan.outcomes())) == (decisions, lines)
    assert (
        [line.row for line in lines]
        == [decision.record.row for decision in decisions]
        == [r.row for r in records]
    )
    assert {status: count for status, count in plan.totals.rows.items() if count} == Counter(
        line.status for line in lines
    )
    assert plan.totals.issues == Counter(
        code for line in lines for code in {issue.code for issue in line.issues}
    )
    steps = [decision.step for decision in decisions if decision.step]
    members = Counter((m.group.casefold(), m.joins) for decision in decisions for m in decision.memberships)
    assert plan.totals.contact_writes == len(steps) == sum(line.requests for line in lines)
    assert plan.totals.memberships == members
    needed = {name.casefold() for step in steps for name in step.body.get("groups", [])} | {
        n for n, joins in members if joins
    }
    assert {name.casefold() for name in plan.new_groups} == needed - {"vip", "novos", "ativos"}
    assert plan.writes == len(steps) + len(members) + len(plan.new_groups) + len(plan.new_fields)
    assert plan.totals.removals == sum(any(c.removes for c in decision.changes) for decision in decisions)
    # no contact is written by two rows, and no row is sent that does not count
    written = [d.contact.uuid for d in decisions if d.contact and (d.step or d.memberships)]
    assert len(set(written)) == len(written)
    assert all(d.record.status == "valid" for d in decisions if d.step or d.memberships)


def settled(records: list[Record], duplicates: str) -> list[Record]:
    """The records as a check settles them."""
    across = settle(records, duplicates, TYPES)
    return [across.get(record.row, record) for record in records]


@settings(max_examples=150)
@given(st.lists(wishes().map(lambda wanted: replace(wanted, action="upsert")), max_size=6), workspaces())
def test_a_second_run_of_the_same_file_writes_nothing(wanted, contacts):
    records = settled(rows(*wanted), "merge")
    plan = make_plan(records, *contacts)
    workspace = {contact.uuid: contact for contact in contacts}
    for decision in plan.decisions():
        after = carried_out(decision, f"{decision.record.row:08}-2222-4333-8444-555555555555")
        if after:
            workspace[after.uuid] = after
    groups = {**plan.rules.groups, **{name.casefold(): Group(name, name) for name in plan.new_groups}}
    again = Plan(rows_of(records), Snapshot(workspace.values()), replace(plan.rules, groups=groups))
    assert again.writes == 0
    first = [outcome.status for outcome in plan.outcomes()]
    second = [outcome.status for outcome in again.outcomes()]
    done = (Status.CREATED, Status.UPDATED)
    assert second == [Status.UNCHANGED if status in done else status for status in first]
