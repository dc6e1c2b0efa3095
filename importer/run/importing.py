"""A file and a workspace → what is in it has arrived."""

import threading
from contextlib import suppress
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from importer.errors import ImporterError, Unusable
from importer.examine import Examined
from importer.issues import Phrase
from importer.jobs import (
    earlier_run,
    finish_report,
    open_journal,
    report_of_job,
    state_folder,
    told_as_done,
)
from importer.model import Column, Status
from importer.options import Options
from importer.report import Report
from importer.run.connection import QUIET, Confirm, Connection, Listener, connected
from importer.run.keeping import keep_deleted
from importer.run.planning import Planned, make_plan, report_of_plan
from importer.run.reporting import now

if TYPE_CHECKING:
    import pandas as pd

    from importer.api import Client
    from importer.execution.earlier import Earlier
    from importer.journal import Journal


def import_file(
    source: "Path | str | pd.DataFrame",
    options: Options,
    connection: Connection,
    *,
    confirm: Confirm = lambda _: True,
    listener: Listener = QUIET,
    stop: threading.Event | None = None,
    state: Path | None = None,
) -> Report:
    """Bring a file's contacts into the workspace. Called again after it was stopped, it goes on where it was.

    confirm: is shown the plan before anything is written; if it says no, the plan's report comes back.
    stop: may be set from outside (Ctrl-C); what was done is in the report, which then says *stopped*. It is set, too,
        when something else ends the import early.
    state: the folder of the journals, the user's own by default.

    Raises:
        Unusable: the file cannot be used, an option does not fit, the report cannot be written, or the same job is
            running.
        NotAllowed, Unavailable, Interrupted: before anything is written. Whatever ends the import later is in the
            report's `failure`.
    """
    started, stop = now(), stop or threading.Event()
    with connected(connection, listener, stop, rate=options.rate, state=state) as client:

        def earlier_of(examined: Examined) -> "Earlier":
            return earlier_run(state, fingerprint_of(examined, client.url))

        aside = state_folder(state)
        planned = make_plan(
            source, options, client, listener, state=state, aside=aside, earlier_of=earlier_of
        )
        options = planned.examined.options  # with those of the mapping file
        plan_report = report_of_plan(planned, started, connection.url, client)
        _refuse_to_destroy_more(planned, options)
        held_back = planned.plan.totals.rows[Status.INVALID] + planned.examined.definitions.invalid
        if (options.all_or_nothing and held_back) or not confirm(plan_report):
            return finish_report(plan_report, options)
        with open_journal(state, fingerprint_of(planned.examined, client.url), started) as journal:
            _describe(journal, planned, client)
            kept = keep_deleted(planned, journal)
            failure = _carry_out(planned, client, journal, connection, listener, stop)
        with told_as_done(journal.job):
            report = report_of_job(journal.path, planned.examined)
        return replace(report, failure=failure, files=(*report.files, kept) if kept else report.files)


def _refuse_to_destroy_more(planned: Planned, options: Options) -> None:
    """See that no more contacts are deleted and blocked, and groups deleted, than the options allow."""
    acts, groups = planned.plan.totals.acts, len(planned.examined.definitions.deletions)
    count = planned.plan.totals.destroyed + groups
    if options.allow_delete is not None and count > options.allow_delete:
        deletes, blocks = acts["delete"], acts["block"]
        more = Phrase("screen.and-groups", {"count": groups}) if groups else ""
        raise Unusable("needs-allow-delete", deletes=deletes, blocks=blocks, groups=more, count=count)


def _carry_out(
    planned: Planned,
    client: "Client",
    journal: "Journal",
    connection: Connection,
    listener: Listener,
    stop: threading.Event,
) -> ImporterError | None:
    """Do what is planned; the error that ended it early, if one did."""
    from importer.execution.execute import Execution
    from importer.execution.verification import canary_rows, verify

    meta, failure, is_complete = journal.meta, None, False
    before = int(str(meta.get("reads", 0))), int(str(meta.get("writes", 0)))
    try:
        execution = Execution(
            planned.plan,
            planned.examined.definitions.before,
            planned.survey,
            client,
            journal,
            columns_by_key(planned.examined),
            stop,
            since=str(meta["since"]),
            clock=connection.clock,
            sleep=connection.sleep or stop.wait,
            definitions=planned.examined.definitions,
            on_done=listener.done,
            canary_rows=canary_rows(planned.examined.options.canary, planned.plan.writes),
        )
        if execution.earlier.settled:
            listener.resuming(len(execution.earlier.settled))
        contacts = planned.plan.totals.contact_writes
        listener.started(contacts, planned.writes - contacts, client)
        execution.run()
        if planned.examined.options.verify:
            verify(client, journal, planned.plan.rules.types, str(meta["since"]), listener.verifying)
        is_complete = True
    except ImporterError as error:
        failure = error
    finally:
        planned.survey.flush()
        with suppress(Unusable):  # what the disk does not take has been told by then
            journal.set(
                state="complete" if is_complete else "stopped",
                finished=now().isoformat(),
                reads=before[0] + client.requests.reads,
                writes=before[1] + client.requests.writes,
            )
    return failure


def columns_by_key(examined: Examined) -> dict[str, Column]:
    """Where to show what the server refuses, by the key of the body that it names."""
    columns: dict[str, Column] = {}
    for typed in examined.require_check().schema.columns:
        kind, name = typed.target.kind, typed.target.name
        key = {"urn": "urns", "group": "groups", "field": f"fields.{name}"}.get(kind, kind.partition(".")[0])
        columns.setdefault(key, typed.column)
        for scheme in typed.schemes:
            columns.setdefault(f"urns:{scheme}", typed.column)
    return columns


def fingerprint_of(examined: Examined, url: str) -> str:
    """What makes two runs the same job: the input, what its columns mean, the options, the workspace."""
    options = asdict(examined.options)
    # the mapping is in the columns; where the report goes, in which language and under which title, how contacts are
    # read, how fast all of it goes, what is allowed and what is read back changes nothing
    free = (
        "output",
        "language",
        "mapping",
        "mirror",
        "mirror_max_age_s",
        "given",
        "rate",
        "allow_delete",
        "title",
        "corrections",
        "canary",
        "verify",
    )
    for name in free:
        del options[name]
    corrections = examined.table.corrections.digest
    job = {
        **({"corrections": corrections} if corrections else {}),
        "file": examined.table.info.digest,
        "sheet": examined.table.info.sheet,
        "columns": [
            # once it is there, a new field of no type is one of type text
            (one.column.letter, str(one.target), one.target.value_type or "text")
            for one in examined.mapping.columns
        ],
        "constants": repr(examined.mapping.constants),
        "values": repr(examined.mapping.values),
        "options": options,
        "workspace": examined.workspace.uuid or url,  # an embedded sandbox has another address each time
    }
    return sha256(dumps(job, sort_keys=True).encode()).hexdigest()


def _describe(journal: "Journal", planned: Planned, client: "Client") -> None:
    """Keep with the job what its report and whoever goes on with it need."""
    from importer.journal.forms import definition_to_json

    examined, meta = planned.examined, journal.meta
    options, info = asdict(examined.options), examined.table.info
    reading = {name: options[name] for name in ("sheet", "header_row", "limit")}
    if examined.options.corrections:
        reading["corrections"] = str(examined.options.corrections)
    if examined.options.mapping:  # it may know the headers of a row that nobody else takes for one
        reading |= {"sheet": info.sheet, "header_row": info.header_row}
    journal.set(
        state="running",
        finished=None,
        file=asdict(info),
        reading=reading,
        options={
            name: str(v) if isinstance(v, Path) else v for name, v in options.items() if name != "given"
        },
        columns=[(one.column.letter, one.column.header, str(one.target)) for one in examined.mapping.columns],
        workspace=examined.workspace.name,
        workspace_uuid=examined.workspace.uuid,
        url=client.url,
        countries=planned.plan.totals.by_country,
        since=meta.get("since", planned.survey.until),
        definitions=[definition_to_json(line) for line in examined.definitions.lines],
    )
