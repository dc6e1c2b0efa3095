"""kill -9 at every request of a run that writes to a contact which is not the row's any more: it is put back."""

import os

import pytest
from states import state_of

from importer.sandbox import Sandbox, SandboxOptions
from importer.sandbox.contacts import make_contact

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")

HEADER = "Name,URN:Ext,Groups,Field:City"
ROW = "Nova,n7,VIP,Natal"
SMALL = {
    **{f"importer.platform.{name}": 5 for name in ("BIG_PAGE", "UPDATE_PAGE", "PAGE")},
    **{f"importer.survey.{name}": 0 for name in ("LATE_S", "FEW_LOOKUPS", "LOOKUPS_MAX")},
}
"""So that a small workspace has a mirror that is brought up to date."""


def move(sandbox, heir):
    """The URN goes to another contact, or to nobody, and nothing of that shows."""
    store = sandbox._service.store
    with store.lock:
        if heir:
            store._db.run("UPDATE urns SET contact = ? WHERE urn = 'ext:n7'", (store.contact(heir).id,))
        else:
            store._db.run("DELETE FROM urns WHERE urn = 'ext:n7'")


@pytest.mark.timeout(400)  # the machine may have much else to do
@pytest.mark.parametrize(("has_heir", "when"), [(True, "before"), (False, "meanwhile")])
def test_killed_at_any_request(has_heir, when, killed_everywhere, runner, tmp_path):
    """The mirror gives the contact that had the URN; or it moves in the very moment of the write."""
    file = tmp_path / "contacts.csv"
    file.write_text(f"{HEADER}\n{ROW}\n")
    with Sandbox(SandboxOptions(rates=None)) as sandbox:
        service = sandbox._service
        with service.store.lock:
            service.store.add_field("city", "City", "text", 0.0)
            service.store.add_group("VIP", None, 0.0)
            body = {"fields": {"city": "Recife"}}
            made = [
                make_contact(service, {**body, "name": f"Nome {n}", "urns": [f"ext:n{n}", f"ext:m{n}"]})
                for n in range(12)
            ]
        loser, heir = made[7].uuid, made[3].uuid if has_heir else None
        mirrored = tmp_path / "mirrored"
        same = tmp_path / "same.csv"
        same.write_text("Name,URN:Ext\nNome 7,n7\nNome 8,n8\n")
        runner.finish(same, sandbox, mirrored, set=SMALL)
        kept = state_of(sandbox)[0]
        expected = {**kept, loser: {**kept[loser], "urns": ["ext:m7"]}}
        if when == "before":
            move(sandbox, heir)

        def meanwhile():
            has_moved = False

            def meet(number, method, path):
                nonlocal has_moved
                if when == "meanwhile" and method == "POST" and not has_moved:
                    has_moved = True
                    move(sandbox, heir)

            return meet

        for where, result in killed_everywhere(
            file, sandbox, meanwhile=meanwhile, state=mirrored, first="POST", set=SMALL
        ):
            found = state_of(sandbox)[0]
            (nova,) = [uuid for uuid, contact in found.items() if contact["name"] == "Nova"]
            assert {u: c for u, c in found.items() if u != nova} == {
                u: c for u, c in expected.items() if u != nova
            }, where
            assert nova == heir or (heir is None and nova not in kept), where
            assert ("ext:n7" in found[nova]["urns"], found[nova]["groups"]) == (True, ["VIP"]), where
            assert found[nova]["fields"] == {"city": "Natal"}, where
            (line,) = result["lines"]
            assert (line["status"], line["uuid"]) == ("updated" if heir else "created", nova), where
            assert line["issues"] == ["put-back"], where
            if not where:
                posts = [one.query for one in sandbox.requests if one.path == "contacts.json" and one.writes]
                assert posts[:2] == [f"uuid={loser}"] * 2
