"""Rows of the sheets Fields and Groups: what they ask for, what stands against it, that any order will do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from importer.definitions.planning import plan_definitions
from importer.definitions.sheets import DefinitionSheet
from importer.definitions.steps import CreateField, CreateGroup, DeleteGroup, RenameGroup, UpdateField
from importer.model import Column, Field, Group, Row, Status, Workspace
from importer.platform import WORKSPACE_FIELDS, WORKSPACE_GROUPS, is_group_name, is_key, is_label, key_of

A, B, D = ("00000000-0000-4000-8000-00000000000" + digit for digit in "abd")
SCHOOL = Workspace(
    "Escola",
    fields=(Field("age", "Idade", "numeric"), Field("city", "Cidade")),
    groups=(Group(A, "Turma A", count=7), Group(B, "Turma B"), Group(D, "Adultos", dynamic=True)),
)
HEADERS = {"field": ("label", "type", "key", "action"), "group": ("uuid", "name", "new-name", "action")}


def sheet_of(kind, *rows):
    says = HEADERS[kind]
    columns = tuple(Column(index, name) for index, name in enumerate(says))
    texts = [row.split("|") for row in rows]
    cells = [Row(number, (*row, *[""] * (len(says) - len(row)))) for number, row in enumerate(texts, 2)]
    name = "Groups" if kind == "group" else "Fields"
    return DefinitionSheet(kind, name, columns, {one: at for at, one in enumerate(says)}, tuple(cells))


def planned(kind, *rows, workspace=SCHOOL):
    return plan_definitions([sheet_of(kind, *rows)], workspace)


def statuses(plan):
    return [str(line.outcome.status) for line in plan.lines]


def codes(plan):
    return [[issue.code for issue in line.outcome.issues] for line in plan.lines]


@pytest.mark.parametrize(
    ("kind", "row", "status", "code"),
    [
        ("field", "Bairro", "created", None), ("field", "Bairro|Número", "created", None),
        ("field", "Bairro||bairro|criar", "created", None), ("field", "cidade", "unchanged", None),
        ("field", "Cidade|texto", "unchanged", None),
        ("field", "Município||city", "invalid", "field-label-wrong"),
        ("field", "Municipio||city", "updated", None),
        ("field", "|fecha|city", "updated", "field-type-changes"),
        ("field", "Idade|text|age|update", "updated", "field-type-changes"),
        ("field", "|cor|city", "invalid", "field-type-unknown"),
        ("field", "Cidade|||delete", "invalid", "field-delete"),
        ("field", "Cidade|||create", "invalid", "field-exists"), ("field", "City", "invalid", "field-exists"),
        ("field", "Idade||city", "invalid", "field-exists"), ("field", "Age||city", "invalid", "field-exists"),
        ("field", "||nada", "invalid", "field-missing"), ("field", "Nada|||update", "invalid", "field-missing"),
        ("field", "Nada||nado", "invalid", "field-key-differs"),
        ("field", "|text", "invalid", "definition-no-name"),
        ("field", "Cidade|||block", "invalid", "definition-action"), ("field", "x|y|z|skip", "skipped", None),
        ("field", "uuid", "invalid", "field-label-wrong"), ("field", "x" * 37, "invalid", "field-label-wrong"),
        ("group", "|Turma C", "created", None), ("group", "|turma a", "unchanged", None),
        ("group", "|Turma A||create", "invalid", "group-exists"), ("group", f"{A}|Turma A", "unchanged", None),
        ("group", f"{A}|Turma", "invalid", "group-name-differs"),
        ("group", "|Turma A|Turma C", "updated", None), ("group", f"{A}||Turma C|rename", "updated", None),
        ("group", f"{A}|Velho|Turma A", "unchanged", None), ("group", "|Velho|Turma A", "unchanged", None),
        ("group", "|Turma A|TURMA A", "updated", None), ("group", "|Velho|Novo", "invalid", "group-missing"),
        ("group", f"{A[:-1]}c|", "invalid", "group-missing"),
        ("group", "|Turma A|Turma B", "invalid", "group-exists"),
        ("group", "|Turma A|(x)", "invalid", "group-name-wrong"),
        ("group", "|" + "x" * 65, "invalid", "group-name-wrong"),
        ("group", "|Turma A||excluir", "deleted", None), ("group", "|Nada||borrar", "skipped", "group-absent"),
        ("group", "|Adultos||delete", "deleted", "group-query-lost"),
        ("group", "|Adultos|Maiores", "updated", None),
        ("group", "|Turma A|X|delete", "invalid", "group-new-name-unwanted"),
        ("group", "|Turma A||renomear", "invalid", "group-new-name-missing"),
        ("group", "||X", "invalid", "definition-no-name"),
        ("group", "|Turma A||bloquear", "invalid", "definition-action"),
        ("group", "|Turma A|X|pular", "skipped", None),
    ],
)  # fmt: skip
def test_a_row_alone(kind, row, status, code):
    """What comes of it; an issue stands at a cell of its row."""
    plan = planned(kind, row)
    assert (statuses(plan), codes(plan)) == ([status], [[code] if code else []])
    assert all(issue.row == 2 and issue.letter for line in plan.lines for issue in line.outcome.issues)
    assert len(plan.steps) == (status in ("created", "updated", "deleted"))


@pytest.mark.parametrize(
    ("kind", "rows", "found"),
    [
        ("group", ("|X", "|x"), ["definition-conflict"] * 2), ("group", ("|X", "|X"), [None, "definition-repeated"]),
        ("group", ("|Turma A||delete", f"{A}|||delete"), [None, "definition-repeated"]),
        ("group", ("|Turma A|X", f"{A}||Y"), ["definition-conflict"] * 2),
        ("group", ("|Turma A||delete", f"{A}||Y"), ["definition-conflict"] * 2),
        ("group", ("|Turma A|X", "|Turma A"), ["definition-conflict"] * 2),
        ("group", ("|Turma A|X", "|Turma B|x"), ["definition-conflict"] * 2),
        ("group", ("|Turma A|X", "|X"), ["definition-conflict"] * 2),
        ("group", ("|Turma A|X", "|X||delete"), ["definition-conflict"] * 2),
        ("group", ("|Turma A|Turma B", "|Turma B|Turma A"), ["definition-held"] * 2),
        ("group", ("|Turma A|Turma B", "|Turma B|C"), ["definition-held", "definition-conflict"]),
        ("group", ("|Turma A|Turma B", "|Turma B||delete"), ["definition-held", "definition-conflict"]),
        ("group", ("|Turma A|Turma B", "|Turma B"), ["group-exists", None]),
        ("group", ("|Turma C|X", "|Turma C"), ["definition-conflict"] * 2),
        ("field", ("Cidade||age", "X||city"), ["definition-held", "definition-conflict"]),
        ("field", ("B||bairro2", "Bairro2"), ["definition-conflict"] * 2),
        ("field", ("Bairro", "Bairro"), [None, "definition-repeated"]),
        ("field", ("Bairro", "bairro"), ["definition-conflict"] * 2),
        ("field", ("Bairro|text", "Bairro|numeric"), ["definition-conflict"] * 2),
        ("field", ("Bairro A", "Bairro_A"), ["definition-conflict"] * 2),
        ("field", ("Bairro", "Bairro||city"), ["definition-conflict"] * 2),
        ("field", ("Cidade|text", "X||city"), ["definition-conflict"] * 2),
    ],
)  # fmt: skip
def test_rows_that_repeat_or_contradict_each_other(kind, rows, found):
    plan = planned(kind, *rows)
    assert [one[-1] if one else None for one in codes(plan)] == found
    wrong = [line for line in plan.lines if line.outcome.status is Status.INVALID]
    assert len(wrong) == sum(code is not None and code != "definition-repeated" for code in found)


def test_a_full_workspace():
    """As many as there is room for are made; where there is none, no group gets another name either."""
    many = tuple(Group(f"u{n}", f"G{n}") for n in range(WORKSPACE_GROUPS - 1))
    plan = planned("group", "|X", "|Y", "|G1|Z", workspace=replace(SCHOOL, groups=many))
    assert codes(plan) == [[], ["groups-full"], []]
    full = replace(SCHOOL, groups=(*many, Group("u", "G")))
    assert codes(planned("group", "|X", "|G1|Z", "|G2||delete", workspace=full)) == [
        ["groups-full"], ["groups-full"], [],
    ]  # fmt: skip
    fields = tuple(Field(f"f{n}", f"F{n}") for n in range(WORKSPACE_FIELDS - 1))
    plan = planned("field", "X", "Y", "Z||f1", workspace=replace(SCHOOL, fields=fields))
    assert codes(plan) == [[], ["fields-full"], []]


def test_two_groups_of_one_name_are_told_apart_by_uuid():
    twice = replace(SCHOOL, groups=(Group(A, "X"), Group(B, "X")))
    assert codes(planned("group", "|x||delete", f"{B}|X||delete", workspace=twice)) == [["group-unclear"], []]


def test_contacts_find_the_workspace_as_it_will_be():
    plan = plan_definitions(
        [sheet_of("group", "|Turma A|Turma 1", "|Nova", "|Turma B||delete", "|Velha|Adultos"),
         sheet_of("field", "Bairro|ward", "Nascimento|date|age")], SCHOOL,
    )  # fmt: skip
    assert [group.name for group in plan.after.groups] == ["Nova", "Turma 1", "Turma B", "Adultos"]
    assert plan.after.fields == (
        Field("bairro", "Bairro", "ward"), Field("age", "Nascimento", "datetime"), Field("city", "Cidade"),
    )  # fmt: skip
    assert plan.renamed == {"turma a": "Turma 1", "velha": "Adultos"}
    assert plan.deleted == {"turma b": "Groups!4"}
    assert plan.retyped == {"age"}


def test_of_an_unknown_workspace_only_what_is_wrong_in_itself_is_told():
    unknown = Workspace(known=False)
    rows = (f"{A}|X", "|A|B", "|B||delete", "|(x)", "|C|(y)")
    found = [["definition-conflict"], ["definition-conflict"], ["group-name-wrong"], ["group-name-wrong"]]
    assert codes(planned("group", *rows, workspace=unknown)) == [[], *found]
    assert codes(planned("field", "Cidade||x", "|text|y", "Ação", workspace=unknown)) == [
        [], [], ["field-label-wrong"],
    ]  # fmt: skip
    assert planned("group", "|X", workspace=unknown).steps == ()


# --------------------------------------------------------------------------------------- any rows at all

NAMES = ("A", "a", "B", "C", "Dé", "DÉ", "(x)", "")
UUIDS = ("", "", "", "u0", "u1", "u2", "u9")


class Server:
    """What the server does with fields and groups, and refuses."""

    def __init__(self, workspace):
        self.fields = {one.key: one for one in workspace.fields}
        self.groups = {one.uuid: one.name for one in workspace.groups}

    def do(self, step):
        match step:
            case CreateField(field=field):
                self._check_label(field, field.key)
                self.fields[field.key] = field
            case UpdateField(after=after):
                self._check_label(after, after.key)
                self.fields[after.key] = after
            case CreateGroup(name=name):
                self._check_name(name, "")
                self.groups[f"new {name}"] = name
            case RenameGroup(group=group, name=name):
                self._check_name(name, group.uuid)
                self.groups[group.uuid] = name
            case DeleteGroup(group=group):
                del self.groups[group.uuid]

    def _check_label(self, field, key):
        others = [one for one in self.fields.values() if one.key != key]
        made = key_of(field.label)
        assert is_label(field.label)
        assert is_key(made)
        assert made not in {one.key for one in others}
        assert field.label.lower() not in {one.label.lower() for one in others}

    def _check_name(self, name, uuid):
        assert is_group_name(name)
        assert name.lower() not in {one.lower() for key, one in self.groups.items() if key != uuid}

    def workspace(self):
        groups = tuple(Group(uuid, name) for uuid, name in self.groups.items())
        return Workspace(fields=tuple(self.fields.values()), groups=groups)


group_rows = st.tuples(
    st.sampled_from(UUIDS), st.sampled_from(NAMES), st.sampled_from(("", *NAMES)),
    st.sampled_from(("", "", "create", "rename", "delete", "skip")),
).map("|".join)  # fmt: skip
field_rows = st.tuples(
    st.sampled_from(("A", "a", "B", "B ", "A_", "", "é")), st.sampled_from(("", "text", "numeric", "x")),
    st.sampled_from(("", "a", "b", "c")), st.sampled_from(("", "", "create", "update", "skip")),
).map("|".join)  # fmt: skip
some_groups = st.lists(st.sampled_from(("A", "B", "C", "Dé")), unique=True, max_size=3)
some_fields = st.dictionaries(st.sampled_from("abc"), st.sampled_from(("A", "B", "Q")), max_size=3)


@given(
    groups=st.lists(group_rows, max_size=5), fields=st.lists(field_rows, max_size=4), there=some_groups,
    labels=some_fields, seed=st.randoms(use_true_random=False),
)  # fmt: skip
def test_whatever_the_rows_say(groups, fields, there, labels, seed):
    """Every row has one line; any order of the steps will do, and any stop; a second run does nothing."""
    # the server gives no field a label that would make another one's key
    unique = {
        label: key for key, label in labels.items() if label.lower() == key or label.lower() not in labels
    }
    workspace = Workspace(
        fields=tuple(Field(key, label) for label, key in unique.items()),
        groups=tuple(Group(f"u{at}", name) for at, name in enumerate(there)),
    )
    sheets = [sheet_of("field", *fields), sheet_of("group", *groups)]
    plan = plan_definitions(sheets, workspace)
    rows = [(sheet.name, row.number) for sheet in sheets for row in sheet.rows]
    assert [line.place for line in plan.lines] == rows
    writes = (Status.CREATED, Status.UPDATED, Status.DELETED)
    writing = {line.place for line in plan.lines if line.outcome.status in writes}
    assert sorted(step.place for step in plan.steps) == sorted(writing)
    steps = list(plan.steps)
    seed.shuffle(steps)
    server, stopped = Server(workspace), seed.randint(0, len(steps))
    for number, step in enumerate(steps):
        if number == stopped:
            again = plan_definitions(sheets, server.workspace())
            left = {step.place for step in steps[number:]}
            assert {step.place for step in again.steps} == left
        server.do(step)
    assert plan_definitions(sheets, server.workspace()).steps == ()
