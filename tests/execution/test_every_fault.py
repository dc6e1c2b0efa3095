"""Whatever goes wrong: what the user is told, how the program ends, and that the same command then does the rest.

Afterwards the workspace is that of one clean run, and every row has its line.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from msgspec import Struct, field
from msgspec.structs import replace
from states import everything_of

from importer.api.exchange import TIMEOUTS_S
from importer.errors import ImporterError, Unusable
from importer.jobs import job_folder, report_again
from importer.messages import LANGUAGES, catalogue
from importer.model import Status
from importer.options import Options
from importer.run import QUIET, Connection, Listener, import_file, undo_job
from importer.sandbox import FAULT_KINDS, Faults, Sandbox, SandboxOptions
from importer.writers.report_files import NAMES

HEADER = "Name,URN:Tel,Groups,Field:City"
OLD, NEW = 4, 14
ROWS = (
    *(f"Velho {n},+558290000{n:04d},VIP; Turma A,Olinda" for n in range(OLD)),
    *(f"Novo {n},+558290000{n:04d},VIP,Recife" for n in range(100, 100 + NEW)),
    "Torta,123,,",
)
BROKEN = [kind for kind in FAULT_KINDS if kind not in ("slow", "429", "429-bare", "429-wrong")]


class Scene(Struct):
    """An import that is about to meet a fault. at: what happens just before the nth POST to contacts."""

    sandbox: Sandbox
    others: httpx.Client
    path: Path
    connection: Connection
    clock: Callable[[], float]
    state: Path
    options: Options
    told: dict[str, str] = field(default_factory=dict)
    confirm: Callable[[object], bool] = lambda _: True
    listener: Listener = QUIET

    def run(self) -> object:
        """A report, or the error that there was instead."""
        try:
            return import_file(
                self.path,
                self.options,
                self.connection,
                confirm=self.confirm,
                listener=self.listener,
                state=self.state,
            )
        except ImporterError as error:
            return error

    def meet(self, plan: Callable[[str, str, int], str | None]) -> None:
        """plan: method, endpoint and the number of the POST to contacts → a fault."""
        count = 0

        def fault(number: int, method: str, where: str) -> str | None:
            nonlocal count
            endpoint = where.removesuffix(".json")
            count += (method, endpoint) == ("POST", "contacts")
            return plan(method, endpoint, count)

        self.sandbox.fault_plan = fault

    def meanwhile(self, change: Callable[[], object]) -> None:
        """Somebody does something between plan and writing."""

        def confirm(_: object) -> bool:
            change()
            return True

        self.confirm = confirm

    def uuid(self, name: str) -> str:
        return next(str(one["uuid"]) for one in self.sandbox.contacts() if one["name"] == name)

    def post(self, endpoint: str, body: dict[str, object], **query: str) -> str:
        answer = self.others.post(f"{endpoint}.json", json=body, params=query)
        answer.raise_for_status()
        return str((answer.json() if answer.content else {}).get("uuid", ""))


def fill(sandbox: Sandbox, others: httpx.Client) -> None:
    sandbox.fault_plan = None
    sandbox.reset()
    for name in ("Turma A", "Fica"):
        others.post("groups.json", json={"name": name}).raise_for_status()
    for number in range(OLD):
        contact = {"name": f"Antigo {number}", "urns": [f"tel:+558290000{number:04d}"], "groups": ["Fica"]}
        others.post("contacts.json", json=contact).raise_for_status()


@contextmanager
def workspace() -> Iterator[tuple[Sandbox, httpx.Client]]:
    """One with what was there before, and somebody else who works in it."""
    with Sandbox(SandboxOptions(rates=None, faults=Faults(slow_s=0.5))) as sandbox:
        headers = {"Authorization": f"Token {sandbox.token}"}
        base = f"{sandbox.url}/api/v2/"
        with httpx.Client(base_url=base, headers=headers, trust_env=False, verify=False) as others:
            fill(sandbox, others)
            yield sandbox, others


@pytest.fixture
def scene(make_csv, clock, state):
    with workspace() as (sandbox, others):
        connection = Connection(sandbox.url, sandbox.token, settle_s=0, clock=clock, sleep=clock.sleep)
        yield Scene(sandbox, others, make_csv(HEADER, *ROWS), connection, clock, state, Options())


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The workspace after one clean run."""
    folder = tmp_path_factory.mktemp("clean")
    path = folder / "contacts.csv"
    path.write_text("\n".join((HEADER, *ROWS)) + "\n", "utf-8")
    with workspace() as (sandbox, _):
        import_file(path, Options(), Connection(sandbox.url, sandbox.token, settle_s=0), state=folder)
        return everything_of(sandbox)


def told(result: object) -> tuple[str | None, int]:
    """The key of the sentence, and the exit code."""
    if isinstance(result, ImporterError):
        return result.key, result.exit_code
    return (result.failure.key if result.failure else None), result.exit_code


def says(result: object) -> list[str]:
    """The sentence in every language."""
    error = result if isinstance(result, ImporterError) else result.failure
    return [catalogue(language).explain(error) for language in LANGUAGES]


def check(scene: Scene, fault: Callable[[Scene], object], key: str | None, code: int) -> object:
    """Meet the fault, mend its cause, run again; returns what came of the first run."""
    prepare = fault(scene)
    with_fault = replace(scene, state=scene.state / "faulty")
    first = with_fault.run()
    assert told(first) == (key, code)
    if key is not None:
        assert all("…" not in said and "Traceback" not in said for said in says(first))
    if not isinstance(first, ImporterError):
        assert len(list(first.lines())) == sum(first.totals.values()) == len(ROWS)
    scene.sandbox.fault_plan = None
    if callable(prepare):
        prepare()
    again = replace(scene, state=scene.state / "faulty", confirm=lambda _: True).run()
    assert told(again) == (None, 1)  # the crooked row
    assert len(list(again.lines())) == sum(again.totals.values()) == len(ROWS)
    assert again.totals[Status.NOT_SENT] == 0
    return first


# ------------------------------------------------------------------------------------------------ the network


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_now_and_then_is_overcome(kind, scene, monkeypatch, expected):
    """Whatever kind it is, and whatever request meets it; the user need not know."""
    if kind == "stall":  # nobody waits for a minute here
        monkeypatch.setitem(TIMEOUTS_S, "read", 0.3)
    asked = 0

    def fault(scene: Scene) -> None:
        def plan(method: str, endpoint: str, number: int) -> str | None:
            nonlocal asked
            asked += 1
            return kind if asked > 4 and asked % 4 == 0 else None

        scene.meet(plan)

    check(scene, fault, None, 1)
    assert everything_of(scene.sandbox) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "key", "code"),
    [
        *((kind, "answers-lost", 4) for kind in BROKEN),
        *((kind, "unavailable-throttled", 4) for kind in ("429", "429-bare", "429-wrong")),
    ],
)
def test_contacts_that_cannot_be_written_any_more(kind, key, code, scene, monkeypatch, expected):
    """From the fifth on, for ever; what is asked is answered, so that lost answers are settled."""
    if kind == "stall":  # nobody waits for a minute here
        monkeypatch.setitem(TIMEOUTS_S, "read", 0.3)

    def fault(scene: Scene) -> None:
        scene.meet(
            lambda method, where, n: kind if (method, where) == ("POST", "contacts") and n > 4 else None
        )

    # what is done though the answer is lost is found done
    done = kind in ("504", "drop-after", "reset-after", "truncated", "non-json")
    check(scene, fault, *((None, 1) if done else (key, code)))
    assert everything_of(scene.sandbox) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "key"),
    [("drop-before", "dropped"), ("reset-before", "dropped"), ("500", "server-error"), ("html", "garbled"),
     ("html-500", "server-error"), ("429", "throttled")],
)  # fmt: skip
def test_a_server_that_is_gone_half_way(kind, key, scene, expected):
    """Nothing is answered any more, from the fifth contact on."""
    gone = threading.Event()

    def fault(scene: Scene) -> None:
        def plan(method: str, endpoint: str, number: int) -> str | None:
            if number > 4:
                gone.set()
            return kind if gone.is_set() else None

        scene.meet(plan)

    check(scene, fault, f"unavailable-{key}", 4)
    assert everything_of(scene.sandbox) == expected


@pytest.mark.parametrize("kind", ["503", "500", "429-bare", "drop-before"])
def test_ten_bad_minutes_are_sat_out(kind, scene, clock, expected):
    until = []

    def fault(scene: Scene) -> None:
        def plan(method: str, endpoint: str, number: int) -> str | None:
            if number == 5 and not until:
                until.append(clock() + 600)
            return kind if until and clock() < until[0] else None

        scene.meet(plan)

    check(scene, fault, None, 1)
    assert clock() >= until[0]
    assert everything_of(scene.sandbox) == expected


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://127.0.0.1:9", "unavailable-refused"),
        ("http://no-such-host.invalid", "unavailable-host-not-found"),
        ("https://127.0.0.1:{port}", "unavailable-tls"),
    ],
)
def test_no_connection_at_all(url, key, scene, expected):
    right = scene.connection

    def fault(scene: Scene) -> Callable[[], None]:
        port = right.url.rpartition(":")[2]
        scene.connection = replace(right, url=url.format(port=port), insecure=True)

        def mend() -> None:
            scene.connection = right

        return mend

    check(scene, fault, key, 4)
    assert everything_of(scene.sandbox) == expected


# --------------------------------------------------------------------------------------------- others


def deleted(scene: Scene) -> None:
    scene.others.delete("contacts.json", params={"uuid": scene.uuid("Antigo 1")}).raise_for_status()


def changed(scene: Scene) -> None:
    scene.post("contacts", {"name": "Outro Nome", "fields": {}}, uuid=scene.uuid("Antigo 1"))


def already_done(scene: Scene) -> None:
    scene.post("contacts", {"name": "Velho 1"}, uuid=scene.uuid("Antigo 1"))


def created(scene: Scene) -> None:
    scene.post("contacts", {"name": "Já Criado", "urns": ["tel:+558290000105"]})


def group_made(scene: Scene) -> None:
    scene.post("groups", {"name": "vip"})


def field_made(scene: Scene) -> None:
    scene.post("fields", {"label": "City", "value_type": "text"})


def urn_moved(scene: Scene) -> None:
    scene.post("contacts", {"urns": []}, uuid=scene.uuid("Antigo 2"))
    scene.post("contacts", {"name": "Herdeiro", "urns": ["tel:+5582900000002"]})


@pytest.mark.parametrize(
    "change",
    [deleted, changed, already_done, created, group_made, field_made, urn_moved],
    ids=lambda f: f.__name__,
)
def test_what_others_do_between_plan_and_writing(change, scene):
    """It ends as if they had done it before the plan was made."""
    change(scene)
    replace(scene, state=scene.state / "reference").run()
    expected = everything_of(scene.sandbox)
    fill(scene.sandbox, scene.others)

    def fault(scene: Scene) -> None:
        scene.meanwhile(lambda: change(scene))

    check(scene, fault, None, 1)
    assert everything_of(scene.sandbox) == expected


def test_a_contact_that_is_blocked_meanwhile_is_told_and_left(scene):
    def fault(scene: Scene) -> None:
        scene.meanwhile(lambda: scene.sandbox.set_status(scene.uuid("Antigo 1"), "blocked"))

    first = check(scene, fault, None, 1)
    line = next(outcome for row, outcome in first.lines() if row.number == 3)
    assert {issue.code for issue in line.issues} & {"group-refused", "contact-blocked"}
    assert line.status in (Status.REFUSED, Status.INVALID)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["groups", "fields"])
def test_a_workspace_that_is_full_half_way(what, scene, expected):
    """Others take the last places; nothing is written to contacts, and room is made by mending it."""

    def take_places() -> None:
        for number in range(250 - (2 if what == "groups" else 0)):
            body = (
                {"name": f"Grupo {number}"}
                if what == "groups"
                else {"label": f"Campo {number}", "value_type": "text"}
            )
            scene.post(what, body)

    def fault(scene: Scene) -> Callable[[], None]:
        scene.meanwhile(take_places)

        def mend() -> None:
            fill(scene.sandbox, scene.others)

        return mend

    first = check(scene, fault, "creation-refused", 2)
    assert first.totals[Status.CREATED] == 0
    assert everything_of(scene.sandbox) == expected


# ---------------------------------------------------------------------------------------------- systemic


def revoked(scene: Scene) -> Callable[[], None]:
    right = scene.sandbox.token

    def plan(method: str, endpoint: str, number: int) -> None:
        if number == 6:
            scene.sandbox._line._app._token = "another"

    def mend() -> None:
        scene.sandbox._line._app._token = right

    scene.meet(plan)
    return mend


def suspended(scene: Scene) -> Callable[[], None]:
    def plan(method: str, endpoint: str, number: int) -> None:
        if number == 6:
            scene.sandbox._service.suspended = True

    def mend() -> None:
        scene.sandbox._service.suspended = False

    scene.meet(plan)
    return mend


@pytest.mark.parametrize(
    ("fault", "key"),
    [(revoked, "not-allowed"), (suspended, "workspace-suspended")],
    ids=["revoked", "suspended"],
)
def test_what_stops_all_rows_is_said_once(fault, key, scene, expected):
    first = check(scene, fault, key, 3)
    assert first.totals[Status.REFUSED] == 0
    assert everything_of(scene.sandbox) == expected


# -------------------------------------------------------------------------------------------- this machine


def test_a_second_process_is_told_and_does_nothing(scene, expected):
    """The first one is in the middle of it."""
    seen = []

    def fault(scene: Scene) -> None:
        other = replace(scene, state=scene.state / "faulty")

        class Middle(Listener):
            def done(self, count: int, scope: str) -> None:
                if scope == "contacts" and not seen:
                    seen.append(other.run())

        scene.listener = Middle()

    check(scene, fault, None, 1)
    assert [told(one) for one in seen] == [("job-running", 2)]
    assert everything_of(scene.sandbox) == expected


@pytest.mark.parametrize("where", ["head", "middle"])
def test_a_journal_that_is_damaged(where, scene, expected):
    """One that is no journal any more is passed over; of the other it is said what to do."""
    stopped = threading.Event()

    def stop(method: str, endpoint: str, number: int) -> str | None:
        return "503" if number > 6 and method == "POST" else None

    faulty = replace(scene, state=scene.state / "faulty")
    scene.meet(stop)
    assert told(faulty.run()) == ("answers-lost", 4)
    scene.sandbox.fault_plan = None
    (info,) = job_folder(faulty.state).jobs()
    content = bytearray(info.path.read_bytes())
    content[: len(content) if where == "head" else 0] = b"\xff" * (len(content) if where == "head" else 0)
    if where == "middle":
        content[8192:] = b"\xff" * (len(content) - 8192)
    info.path.write_bytes(content)
    result = faulty.run()
    if isinstance(result, ImporterError):
        assert told(result) == ("journal-unusable", 2)
        assert str(info.path) in says(result)[0]
        info.path.unlink()
        result = faulty.run()
    assert told(result) == (None, 1)
    assert sum(result.totals.values()) == len(ROWS)
    assert everything_of(scene.sandbox) == expected
    assert not stopped.is_set()


def test_a_report_that_cannot_be_written_loses_nothing(scene, tmp_path, expected):
    """It is said that the import is done, and how to get the report."""
    output = tmp_path / "out"

    def fault(scene: Scene) -> None:
        scene.options = Options(output=output)

        def plan(method: str, endpoint: str, number: int) -> None:
            if number == 6 and output.is_dir():
                shutil.rmtree(output)
                output.write_text("in the way")

        scene.meet(plan)

    fault(scene)
    result = scene.run()
    assert told(result) == ("done-without-report", 2)
    assert all("weni-import report" in said for said in says(result))
    assert everything_of(scene.sandbox) == expected
    output.unlink()
    report = report_again(str(result.details["job"]), output, scene.state)
    assert report.totals[Status.CREATED] == NEW
    assert (output / "report.xlsx").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_disk_that_is_full_when_the_report_is_written(scene, tmp_path, monkeypatch, expected):
    """Whichever of its files does not fit: the import is done, its journal whole, and the report can still be made."""
    output, aside = tmp_path / "out", tmp_path / "aside"
    scene.options = Options(output=output)

    @contextmanager
    def without_room_for(name: str) -> Iterator[None]:
        aside.mkdir()
        (aside / name).symlink_to("/dev/full")
        with monkeypatch.context() as patched:
            patched.setattr("tempfile.mkdtemp", lambda **_: str(aside))
            yield
        assert not aside.exists()

    with without_room_for("report.xlsx"):
        result = scene.run()
    assert told(result) == ("done-without-report", 2)
    for said in says(result):
        assert "weni-import report" in said
        assert str(output) in said
        assert "No space left" in said
    assert everything_of(scene.sandbox) == expected
    assert list(output.iterdir()) == []
    (info,) = job_folder(scene.state).jobs()
    assert info.state == "complete"
    for name in NAMES:
        with without_room_for(name), pytest.raises(Unusable) as error:
            report_again("last", output, scene.state)
        assert (error.value.key, str(output) in says(error.value)[0]) == ("report-not-written", True)
        assert list(output.iterdir()) == []
    report = report_again("last", output, scene.state)
    assert sorted(path.name for path in output.iterdir()) == sorted(NAMES)
    assert sum(report.totals.values()) == len(ROWS)
    assert [str(o.status) for _, o in report.lines()] == ["updated"] * OLD + ["created"] * NEW + ["invalid"]
    # a report that is there stays whole where a new one does not fit
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    with without_room_for("failed.xlsx"), pytest.raises(Unusable):
        report_again("last", output, scene.state)
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before
    # so it is with the way back
    with without_room_for("report.xlsx"), pytest.raises(Unusable) as error:
        undo_job("last", scene.connection, output=output, state=scene.state)
    assert error.value.key == "done-without-report"
    assert len(scene.sandbox.contacts()) == OLD
    assert report_again("last", output, scene.state).totals[Status.DELETED] == NEW
