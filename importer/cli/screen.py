"""What stands on the terminal: totals first, then what is wrong, each kind once with its remedy."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from importer.cli.showing import destruction
from importer.definitions.planning import checked
from importer.errors import Differs
from importer.examine import Examined
from importer.issues import Issue
from importer.kinds import Kind
from importer.masking import mask
from importer.messages import Catalogue, quote
from importer.model import Costs, DefinitionLine, FileInfo, MappedColumn, Outcome, Status, Summary, Workspace
from importer.wording import (
    describe_changes,
    describe_definition,
    describe_difference,
    describe_duration,
    describe_issues,
)
from importer.writers.words import status_words

if TYPE_CHECKING:
    from importer.journal import JobInfo
    from importer.report import Report
    from importer.run import Exported

WIDTH_MAX = 110
CHANGES_SHOWN = 8
OTHER_ROAD_S = 4 * 3600.0
"""From here on the platform's own import is worth the trouble of two steps."""
SHOWN_FIRST = ("created", "updated", "unchanged", "deleted", "skipped", "invalid", "refused", "not-sent")

_COLOURS = {
    "valid": "green",
    "merged": "bright_black",
    "created": "green",
    "updated": "cyan",
    "unchanged": "bright_black",
    "deleted": "red",
    "skipped": "bright_black",
    "kept": "yellow",
    "invalid": "red",
    "refused": "red",
    "not-sent": "yellow",
}


class Screen:
    """Prints for people, in one language. verbose: every issue and every change; quiet: what went wrong.

    masked: without the phone numbers and e-mail addresses of contacts, as for a log.
    """

    def __init__(
        self,
        words: Catalogue,
        *,
        colour: bool,
        verbose: bool = False,
        quiet: bool = False,
        masked: bool = False,
    ) -> None:
        self.words, self.colour, self.verbose, self.quiet = words, colour, verbose, quiet
        self._shown = mask if masked else str
        self.width = min(shutil.get_terminal_size((80, 24)).columns, WIDTH_MAX)

    # ------------------------------------------------------------------------------------------- parts

    def line(self, text: str = "") -> None:
        """One line, as it is."""
        typer.echo(text, color=self.colour)

    def paragraph(self, text: str, indent: str = "  ", hanging: str = "", mark: str = "") -> None:
        """A text that is wrapped at the terminal's width; `mark` (styled, one character) stands before it."""
        first = f"{indent}{mark} " if mark else indent
        further = indent + ("  " if mark else hanging)
        for one in text.splitlines():
            wrapped = textwrap.wrap(
                one, self.width - len(further), break_long_words=False, break_on_hyphens=False
            )
            for line in wrapped or [""]:
                self.line(f"{first}{line}")
                first = further

    def heading(self, text: str) -> None:
        """A title with a blank line before it."""
        self.line()
        self.line(typer.style(text, bold=True))

    def say(self, key: str, **facts: object) -> str:
        """A sentence of this program's own."""
        return self.words.say(f"screen.{key}", **facts)

    # ------------------------------------------------------------------------------------------- check

    def file(self, info: FileInfo, rows: int) -> None:
        """Which file it is and how it was read."""
        how = [info.kind]
        how += [self.say("sheet", sheet=info.sheet)] if info.sheet else []
        how += [info.encoding] if info.encoding else []
        how += [self._delimiter(info.delimiter)] if info.delimiter else []
        how += [self.say("rows", count=rows)]
        self.line(f"{typer.style(info.path, bold=True)}  ({', '.join(how)})")

    def _delimiter(self, delimiter: str) -> str:
        return self.say("tabs") if delimiter == "\t" else self.say("delimiter", delimiter=delimiter)

    def check(self, examined: Examined) -> None:
        """The outcome of a check."""
        check = examined.check
        if not self.quiet:
            self.file(examined.table.info, sum(check.totals.rows.values()) if check else 0)
            self.columns(examined.mapping.columns)
        self.file_issues(examined.issues)
        self._definitions(checked(examined.definitions.lines), is_plan=True)
        if check is None:
            return
        self.heading(self.say("title.rows"))
        self.counts({status: count for status, count in check.totals.rows.items() if count}, "screen.check")
        if self.verbose:
            self.every_issue(record.issues for record in check.records())
        else:
            self.kinds(check.totals.kinds)

    def mapping_saved(self, path: Path) -> None:
        """Where the mapping file is."""
        if not self.quiet:
            self.line()
            self.paragraph(self.say("mapping-saved", file=path), indent="")

    def columns(self, columns: Iterable[MappedColumn]) -> None:
        """What each column is taken for."""
        self.heading(self.say("title.columns"))
        shown = [(m.column.letter, m.column.header, self._target(m)) for m in columns]
        widest = min(max((len(header) for _, header, _ in shown), default=0), 36)
        for letter, header, target in shown:
            cut = header if len(header) <= widest else header[: widest - 1] + "…"
            self.line(f"  {letter:>3}  {cut:<{widest}}  {target}")

    def _target(self, mapped: MappedColumn) -> str:
        target = mapped.target
        if target.kind == "ignore":
            return typer.style(
                self.say(f"ignored.{'own' if mapped.reason == 'own' else 'other'}"), fg="bright_black"
            )
        text = f"{target}:{target.value_type}" if target.value_type not in (None, "text") else str(target)
        reason = self.words.sentences.get(f"screen.reason.{mapped.reason}", "")
        return f"{text}  {typer.style(reason, fg='bright_black')}" if reason else text

    def definitions(self, report: "Report", *, is_plan: bool = False) -> None:
        """Rows about fields and groups: what is, or would be, done; of the others how many there are."""
        self._definitions(report.definitions, is_plan=is_plan)

    def _definitions(self, lines: Sequence[DefinitionLine], *, is_plan: bool) -> None:
        told = [line for line in lines if line.outcome.changes or line.outcome.issues]
        if self.quiet:
            told = [line for line in told if any(issue.is_error for issue in line.outcome.issues)]
        elif lines:
            self.heading(self.words.say("report.section.definitions"))
        for line in told:
            outcome = line.outcome
            status = status_words(outcome.status, self.words, dry_run=is_plan)
            text = self.say("definition", sheet=line.sheet, row=outcome.row, name=line.name, status=status)
            self.paragraph(typer.style(text, fg=_COLOURS[outcome.status]), hanging="  ")
            if changes := describe_changes(outcome.changes, self.words).replace("\n", "; "):
                self.paragraph(changes, indent="      ", hanging="  ")
            if issues := describe_definition(line, self.words):
                self.paragraph(issues, indent="      ", hanging="  ")
        if (others := len(lines) - len(told)) and not self.quiet:
            key = "definitions-fine" if is_plan else "definitions-others"
            self.paragraph(self.say(key, count=others))

    def counts(self, counts: dict[str, int], section: str) -> None:
        """How many rows became what. section: of the catalogue, where each is called by its own words."""
        numbers = {status: self.words.number(count) for status, count in counts.items()}
        width = max(map(len, numbers.values()), default=1)
        for status, count in counts.items():
            number = typer.style(f"{numbers[status]:>{width}}", fg=_COLOURS[status], bold=True)
            self.line(f"  {number}  {self.words.say(f'{section}.{status}', count=count)}")

    def file_issues(self, issues: Iterable[Issue]) -> None:
        """What is to say about the file as a whole: each kind together, its remedy once."""
        told = sorted(issues, key=lambda issue: (not issue.is_error, issue.code))
        if self.quiet:
            told = [issue for issue in told if issue.is_error]
        if told:
            self.heading(self.say("title.file"))
        for number, issue in enumerate(told):
            self.paragraph(self.words.message(issue), mark=self._mark(issue))
            hint = self.words.hint(issue)
            following = told[number + 1] if number + 1 < len(told) else None
            if following is None or self.words.hint(following) != hint:
                self.paragraph(f"→ {hint}", indent="      ", hanging="  ")

    def kinds(self, kinds: Iterable[Kind]) -> None:
        """What is wrong with rows: each kind of each column once, with its remedy."""
        shown = (kind for kind in kinds if kind.example.is_error or not self.quiet)
        for number, kind in enumerate(shown):
            if number == 0:
                self.heading(self.say("title.issues"))
            self._kind(kind)

    def _kind(self, kind: Kind) -> None:
        issue = kind.example
        place = f"{issue.letter} {issue.column}".strip() or self.say("whole-row")
        rows = ", ".join(str(row) for row in sorted(kind.rows)) + (
            ", …" if kind.count > len(kind.rows) else ""
        )
        title = f"{place}: {issue.code}"
        self.line(
            f"  {self._mark(issue)} {typer.style(title, bold=True)}  {self.say('in-rows', count=kind.count, rows=rows)}"
        )
        example = (
            self.say("for-example", message=self.words.message(issue))
            if kind.count > 1
            else self.words.message(issue)
        )
        self.paragraph(self._shown(example), indent="      ")
        self.paragraph(f"→ {self.words.hint(issue)}", indent="      ", hanging="  ")

    def every_issue(self, issues: Iterable[tuple[Issue, ...]]) -> None:
        """Each issue of each row."""
        self.heading(self.say("title.issues"))
        for of_row in issues:
            for issue in of_row:
                place = self.say("place", row=issue.row, column=f" {issue.letter} {issue.column}".rstrip())
                text = f"{place} {issue.code}: {self.words.message(issue)} {self.words.hint(issue)}"
                self.paragraph(text, mark=self._mark(issue))

    def _mark(self, issue: Issue) -> str:
        return typer.style("✗", fg="red") if issue.is_error else typer.style("!", fg="yellow")

    # -------------------------------------------------------------------------------------------- plan

    def plan(self, report: "Report") -> None:
        """A readable digest of what would be done."""
        summary = report.summary
        self.file(summary.file, summary.rows)
        self.columns(report.mapped)
        self.file_issues(report.issues)
        if self.verbose:
            self.every_issue(outcome.issues for _, outcome in report.lines())
        else:
            self.kinds(report.kinds)
        self.heading(self.say("title.plan", workspace=summary.workspace or summary.url))
        self.counts(_shown(summary), "screen.plan")
        self.definitions(report, is_plan=True)
        if summary.removals:
            self.paragraph(self.say("removals", count=summary.removals), mark=typer.style("−", fg="red"))
        self._destruction(summary)
        if count := summary.acts.get("unblock", 0):
            self.paragraph(self.say("unblocks", count=count))
        for key, names in (("new-fields", summary.fields_created), ("new-groups", summary.groups_created)):
            if names:
                self.paragraph(self.say(key, count=len(names), names=", ".join(names)), hanging="  ")
        if summary.countries:
            mix = ", ".join(
                f"{country} {self.words.number(count)}" for country, count in summary.countries.items()
            )
            self.paragraph(self.say("countries", mix=mix), hanging="  ")
        self._requests(summary)
        updated = summary.totals.get(Status.UPDATED, 0)
        changed = (outcome for _, outcome in report.lines() if outcome.status is Status.UPDATED)
        self._changes(
            list(islice(changed, updated if self.verbose else min(updated, CHANGES_SHOWN))), updated
        )

    def _destruction(self, summary: Summary) -> None:
        """What a plan deletes or blocks, in red."""
        facts, names = destruction(summary), ", ".join(summary.groups_deleted)
        told = ("destroys",) if facts["deletes"] or facts["blocks"] else ()
        for key in (*told, *(("destroys-groups",) if names else ())):
            text = self.say(key, **{**facts, "count": summary.destroyed, "names": names})
            self.paragraph(typer.style(text, fg="red"), mark=typer.style("−", fg="red", bold=True))

    def _requests(self, summary: Summary) -> None:
        costs = summary.costs or Costs()
        time = describe_duration(summary.estimate_s or 0, self.words)
        loop = describe_duration(costs.loop_s, self.words)
        self.paragraph(
            self.say("requests", writes=summary.writes, reads=summary.reads, time=time, loop=loop),
            hanging="  ",
        )
        parts = [
            self.say(f"part.{part}", count=count)
            for part in ("contacts", "batches", "fields", "groups")
            if (count := getattr(costs, part))
        ]
        parts += [self.say("part.settle", seconds=f"{costs.settle_s:g}")] if costs.settle_s else []
        if parts:
            self.paragraph(self.say("parts", parts=", ".join(parts)), hanging="  ")
        ways = {way: getattr(costs.ways, way) for way in ("update", "listing", "lookups")}
        named = {way: self.say(f"way.{way}", count=count) for way, count in ways.items() if count is not None}
        if taken := named.pop(costs.ways.taken, ""):
            others = ", ".join(named.values())
            self.paragraph(self.say("ways" if others else "way", taken=taken, others=others), hanging="  ")
        if (summary.estimate_s or 0) > OTHER_ROAD_S:
            self.paragraph(self.say("other-road", file=summary.file.path), hanging="  ")

    def _changes(self, shown: list[Outcome], updated: int) -> None:
        if not shown:
            return
        self.heading(self.say("title.changes"))
        for outcome in shown:
            changes = describe_changes(outcome.changes, self.words).replace("\n", "; ")
            changes = self._shown(changes)
            self.paragraph(self.say("change", row=outcome.row, changes=changes), hanging="    ")
        if updated > len(shown):
            self.paragraph(self.say("more-changes", count=updated - len(shown)))

    # --------------------------------------------------------------------------------------------- run

    def result(self, report: "Report") -> None:
        """What came of an import."""
        summary = report.summary
        self.heading(self.say("title.result", workspace=summary.workspace or summary.url))
        self.counts(_shown(summary), "screen.run")
        self.definitions(report)
        for key, names in (("made-fields", summary.fields_created), ("made-groups", summary.groups_created)):
            if names:
                self.paragraph(self.say(key, count=len(names), names=", ".join(names)), hanging="  ")
        self._read_back(summary)
        self._failed(report)
        self._ending(report)

    def _read_back(self, summary: Summary) -> None:
        """How many contacts were read back, if any."""
        if summary.verified:
            self.paragraph(self.say("verified", count=summary.verified), mark=typer.style("✓", fg="green"))
        if summary.differs:
            self.paragraph(self.say("differs", count=summary.differs), mark=typer.style("✗", fg="red"))

    def _ending(self, report: "Report") -> None:
        if report.files:
            self.heading(self.say("title.report"))
            self._files(report)
        if report.failure:
            self.line()
            self.paragraph(self.words.explain(report.failure, masked=not self.verbose), indent="")
            if isinstance(report.failure, Differs):
                self._comparison(report.failure)

    def _comparison(self, error: Differs) -> None:
        """What was meant and what is there, row by row."""
        for row, difference in error.comparison:
            place = self.say("place", row=row, column="")
            text = f"{place} {describe_difference(difference, self.words)}"
            self.paragraph(text, mark=typer.style("✗", fg="red"))

    def _failed(self, report: "Report") -> None:
        shown = 0
        for row, outcome in report.lines():
            if outcome.status is not Status.REFUSED:
                continue
            shown += 1
            if self.verbose or shown <= CHANGES_SHOWN:
                issues = describe_issues(outcome.issues, self.words).replace("\n", " ")
                place = self.say("place", row=row.number, column="")
                self.paragraph(f"{place} {self._shown(issues)}", mark=typer.style("✗", fg="red"))

    # -------------------------------------------------------------------------------------------- undo

    def undo_plan(self, report: "Report") -> None:
        """A readable digest of what would be taken back."""
        summary = report.summary
        place = {"job": summary.undoes, "workspace": summary.workspace or summary.url}
        self.heading(self.words.say("undo.title.plan", **place))
        self.counts(_shown(summary), "undo.plan")
        self._acts_back(summary)
        self.definitions(report, is_plan=True)
        self._undone_parts(summary, "groups-to-delete")
        self._requests(summary)
        changed = [outcome for _, outcome in report.lines() if outcome.changes]
        self._changes(changed if self.verbose else changed[:CHANGES_SHOWN], len(changed))
        self._kept(report)

    def undone(self, report: "Report") -> None:
        """What came of an undo."""
        summary = report.summary
        place = {"job": summary.undoes, "workspace": summary.workspace or summary.url}
        self.heading(self.words.say("undo.title.result", **place))
        self.counts(_shown(summary), "undo.done")
        self._acts_back(summary)
        self.definitions(report)
        self._undone_parts(summary, "groups-deleted")
        self._failed(report)
        self._kept(report)
        self._ending(report)

    def _acts_back(self, summary: Summary) -> None:
        """What becomes of those that the job has blocked, unblocked or deleted."""
        for act, count in summary.acts.items():
            self.paragraph(self.words.say(f"undo.acts.{act}", count=count), hanging="  ")
        if summary.totals.get(Status.CREATED):
            self.paragraph(self.words.say("undo.anew"), hanging="  ")

    def _undone_parts(self, summary: Summary, deleted: str) -> None:
        parts = (
            (deleted, summary.groups_deleted),
            ("groups-kept", summary.groups_kept),
            ("fields-kept", summary.fields_kept),
        )
        for key, names in parts:
            if names:
                said = self.words.say(f"undo.{key}", count=len(names), names=", ".join(names))
                self.paragraph(said, hanging="  ")

    def _kept(self, report: "Report") -> None:
        """Who is kept, and why: all of them, for nobody else will tell."""
        kept = (outcome for _, outcome in report.lines() if outcome.status is Status.KEPT)
        for number, outcome in enumerate(kept):
            if number == 0:
                self.heading(self.words.say("undo.title.kept"))
            place = self.say("place", row=outcome.row, column="")
            issues = describe_issues(outcome.issues, self.words).replace("\n", " ")
            self.paragraph(f"{place} ({outcome.uuid}) {issues}", mark=typer.style("!", fg="yellow"))

    def nothing_sent(self, report: "Report") -> None:
        """Where the plan's report is, and that it was only a plan."""
        area = "undo" if report.summary.command == "undo" else "screen"
        self.heading(self.words.say(f"{area}.nothing-sent"))
        self._files(report)

    def _files(self, report: "Report") -> None:
        for path in report.files:
            self.line(f"  {path}")

    def exported(self, exported: "Exported") -> None:
        """Where the contacts are, and which cells could not be filled."""
        words = self.words
        if not self.quiet:
            self.line(words.say("export.done", count=exported.contacts, workspace=exported.workspace))
            for path in exported.files:
                self.line(f"  {path}")
        if exported.blank_cells:
            self.line()
            self.paragraph(words.say("export.blanks", count=exported.blank_cells), indent="")
        shown = exported.blanks[:CHANGES_SHOWN]
        for one in shown:
            facts = {"header": one.blank.header, "value": quote(one.blank.value)}
            self.paragraph(words.say("export.blank", file=one.file, row=one.row, **facts), hanging="  ")
        if exported.blank_cells > len(shown):
            self.paragraph(words.say("export.more", count=exported.blank_cells - len(shown)))

    def workspace(self, workspace: Workspace) -> None:
        """What a workspace has."""
        unknown = self.say("workspace.unknown")
        self.line(f"{typer.style(workspace.name, bold=True)}  {workspace.uuid}".rstrip())
        place = {"country": workspace.country or unknown, "timezone": workspace.timezone or unknown}
        self.paragraph(self.say("workspace.place", **place))
        self.heading(self.say("workspace.fields", count=len(workspace.fields)))
        self._table([(field.key, field.value_type, field.label) for field in workspace.fields])
        self.heading(self.say("workspace.groups", count=len(workspace.groups)))
        dynamic = self.say("workspace.dynamic")
        self._table(
            [(str(group.count), group.name, dynamic if group.dynamic else "") for group in workspace.groups]
        )

    def _table(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Three columns; numbers in the first stand on the right."""
        first, second = (max((len(row[at]) for row in rows), default=0) for at in (0, 1))
        for one, two, three in rows:
            number = one.rjust(first) if one[:1].isdecimal() else one.ljust(first)
            self.line(f"  {number}  {two:<{second}}  {three}".rstrip())

    def jobs(self, jobs: Iterable["JobInfo"]) -> None:
        """What ran, when, how it ended."""
        for info in jobs:
            file = info.meta.get("file")
            path = file.get("path", "") if isinstance(file, dict) else ""
            if undoes := info.meta.get("undoes"):
                path = self.words.say("undo.of", job=undoes)
            started = str(info.meta.get("started", ""))[:16].replace("T", " ")
            state = self.say(f"state.{info.state}")
            self.line(f"{info.job}  {started}  {state:<12}  {path} → {info.meta.get('workspace', '')}")


def _shown(summary: Summary) -> dict[str, int]:
    return {status.value: count for status, count in summary.totals.items() if count}
