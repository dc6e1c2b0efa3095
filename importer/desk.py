"""The desk: a file that somebody is bringing in, mended step by step. It outlives the program in a folder of its own.

The folder, which only its owner can read: the file under a name of ours, `desk.json` (what was decided),
`corrections.jsonl`, `mapping.toml` (what the columns are, made of the decisions), `grid.db` (its rows, checked; made
anew at need), `plan.db`, `result.db` and `report/`.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from importer.columns import parse_groups
from importer.corrections import Corrections, Step, format_back, format_step, parse_corrections
from importer.errors import Unusable
from importer.examine import Examined, examine
from importer.grid import Filter, Grid, GridRow
from importer.mapping import SavedMapping
from importer.mapping.files import parse_mapping
from importer.mapping.saving import format_mapping, format_saved
from importer.model import Workspace
from importer.options import Options
from importer.repairs import (
    LANGUAGE,
    Offer,
    Reading,
    offers,
    questions,
    reading_of,
    texts_for,
    with_other_group,
)
from importer.targets import parse_target

VERSION = 1
STATE, CORRECTIONS, MAPPING, LOADED, GRID = (
    "desk.json", "corrections.jsonl", "mapping.toml", "loaded.toml", "grid.db",
)  # fmt: skip


class Repair(Struct, frozen=True):
    """A repair that was made. step: of the corrections, where it wrote into cells. facts: for its sentence."""

    number: int
    name: str
    facts: Mapping[str, object] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    step: int | None = None
    count: int = 0


class Desk:
    """One file on its way. Safe to use from several threads.

    Raises:
        Unusable: the folder holds no desk.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turn = threading.RLock()
        self._state = _read_state(folder)
        self.examined: Examined | None = None
        self.grid: Grid | None = None

    @classmethod
    def make(cls, folder: Path, source: Path, title: str, workspace: Workspace) -> "Desk":
        """A new desk for a file that is in the folder already. title: what its owner calls it."""
        state = {
            "version": VERSION,
            "source": source.name,
            "title": title,
            "workspace": {"uuid": workspace.uuid, "name": workspace.name},
            "made": datetime.now(UTC).isoformat(),
            "options": {},
            "targets": {},
            "repairs": [],
            "phase": "new",
        }
        write_private(folder / STATE, json.dumps(state))
        return cls(folder)

    # ------------------------------------------------------------------------------------------- facts

    def get(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - JSON
        """What `keep` has kept."""
        with self._turn:
            return self._state.get(name, default)

    def keep(self, **facts: object) -> None:
        """Keep facts of the desk; JSON values."""
        with self._turn:
            self._state.update(facts)
            write_private(self.folder / STATE, json.dumps(self._state))

    @property
    def source(self) -> Path:
        """The file."""
        return self.folder / str(self._state["source"])

    @property
    def title(self) -> str:
        """What its owner calls it."""
        return str(self._state["title"])

    @property
    def repairs(self) -> list[Repair]:
        """The repairs that were made, the first one first."""
        return [
            Repair(
                one["number"], one["name"], one["facts"], Reading(**one["reading"]), one["step"], one["count"]
            )
            for one in self.get("repairs")
        ]

    # ------------------------------------------------------------------------------------------- check

    def options(self, language: str, output: Path | None = None) -> Options:
        """How the file is to be read, checked and imported, as decided so far; writes the mapping file of it."""
        given: dict[str, Any] = dict(self.get("options"))
        for repair in self.repairs:
            given |= repair.reading.options
        given["groups"] = tuple(given.get("groups", ()))
        given = {name: value for name, value in given.items() if value not in (None, "", (), False)}
        mapping = self._write_mapping()
        corrections = self.folder / CORRECTIONS
        return Options(
            **given,
            mapping=mapping,
            corrections=corrections if corrections.exists() else None,
            title=self.title,
            output=output,
            language=language,
            given=frozenset(given),
        )

    def _write_mapping(self) -> Path | None:
        saved = self._saved()
        targets = dict(self.get("targets"))
        values: dict[str, dict[str, str]] = {}
        for repair in self.repairs:
            targets |= repair.reading.targets
            for letter, meanings in repair.reading.values.items():
                values.setdefault(f"@{letter}", {}).update(meanings)
        for entry, meanings in values.items():
            values[entry] = {**self._values_before(saved, entry), **meanings}
        whole = replace(
            saved,
            columns={
                **saved.columns,
                **{f"@{letter}": parse_target(text) for letter, text in targets.items()},
            },
            values={**saved.values, **values},
        )
        text = format_saved(whole)
        if not text:
            (self.folder / MAPPING).unlink(missing_ok=True)
            return None
        write_private(self.folder / MAPPING, text)
        return self.folder / MAPPING

    def _values_before(self, saved: SavedMapping, entry: str) -> Mapping[str, str]:
        """What the cells of a column stand for by the mapping that was loaded."""
        columns = self.examined.table.columns if self.examined else ()
        column = next((one for one in columns if f"@{one.letter}" == entry), None)
        found = saved.entry_of(column, saved.values) if column else None
        return saved.values[found] if found else {}

    def _saved(self) -> SavedMapping:
        loaded = self.folder / LOADED
        return parse_mapping(loaded.read_text("utf-8")) if loaded.exists() else SavedMapping()

    def load_mapping(self, text: str) -> None:
        """Take the columns for what a mapping file says; what was decided about them before is forgotten.

        Raises:
            Unusable: it is none.
        """
        parse_mapping(text)
        with self._turn:
            write_private(self.folder / LOADED, text)
            kept = [
                one
                for one in self.get("repairs")
                if not one["reading"]["targets"] and not one["reading"]["values"]
            ]
            self.keep(targets={}, options={}, repairs=kept)

    def check(
        self, workspace: Workspace, language: str, told: Callable[[int], None] = lambda _: None
    ) -> None:
        """Read, map and check the file as decided so far.

        Raises:
            Unusable: it cannot be read, or an option does not fit.
        """
        examined = examine(self.source, self.options(language), workspace)
        grid = Grid(self.folder / GRID, examined, told) if examined.check else None
        with self._turn:
            self.close()
            self.examined, self.grid = examined, grid

    def close(self) -> None:
        """Let go of the files; the desk itself stays."""
        with self._turn:
            if self.grid:
                self.grid.close()
            if self.examined:
                self.examined.table.close()
            self.examined = self.grid = None

    @property
    def headers_digest(self) -> str:
        """The same for files with the same headers in the same workspace."""
        headers = [column.header for column in self.examined.table.columns] if self.examined else []
        return sha256(json.dumps([self.get("workspace")["uuid"], headers]).encode()).hexdigest()[:32]

    def mapping_text(self) -> str:
        """The mapping file that takes the columns of such files for what this one's are taken for."""
        if self.examined is None:
            return ""
        options = self.examined.options
        chosen = {name: getattr(options, name) for name in options.chosen}
        return format_mapping(self.examined.mapping, self.examined.workspace, chosen)

    # ---------------------------------------------------------------------------------------- columns

    def decide(self, targets: Mapping[str, str], options: Mapping[str, object]) -> None:
        """Say what columns are and how the file is read. targets: of those that are to be other than found.

        Raises:
            TargetRefused: a text is no target. CellRefused: a group cannot have that name.
        """
        for text in targets.values():
            parse_target(text)
        groups, _ = parse_groups(str(options.get("groups", "")), [])
        self.keep(
            targets={**self.get("targets"), **targets},
            options={**options, **({"groups": list(groups)} if groups else {})},
        )

    # --------------------------------------------------------------------------------------- correcting

    def correct(self, step: Step) -> int:
        """Write over cells, leave rows out or take them in; returns the number of the step."""
        with self._turn:
            corrections = self._corrections()
            numbers, old = self._rows(step.concerned())
            number = corrections.add(step)
            self._append(format_step(number, step))
            if self.grid:
                self.grid.check_again(numbers, old)
            return number

    def take_back(self, number: int) -> None:
        """Let a step be as if it had never been."""
        with self._turn:
            corrections = self._corrections()
            step = corrections.steps.get(number, Step())
            numbers, old = self._rows(step.concerned())
            corrections.take_back(number)
            self._append(format_back(number))
            if self.grid:
                self.grid.check_again(numbers, old)

    def _corrections(self) -> Corrections:
        if self.examined is not None:
            return self.examined.table.corrections
        path = self.folder / CORRECTIONS
        return parse_corrections(path.read_text("utf-8")) if path.exists() else Corrections()

    def _rows(self, numbers: set[int]) -> tuple[list[int], dict[int, Any]]:
        found = {number: row.row for number in numbers if self.grid and (row := self.grid.row(number))}
        return list(found), found

    def _append(self, line: str) -> None:
        path = self.folder / CORRECTIONS
        with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600), "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size:  # a line that was cut off must not spoil this one
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(line.encode())

    # ------------------------------------------------------------------------------------------ repairs

    def offers(self) -> Iterator[Offer]:
        """What can be done about all that is wrong, kind by kind, and what can be answered to questions."""
        if self.examined:
            for issue in self.examined.issues:
                yield from questions(issue)
        if self.grid:
            for kind in self.grid.kinds:
                for offer in offers(kind):
                    is_by_value = offer.asks == LANGUAGE
                    yield replace(offer, values=self.grid.values(kind)) if is_by_value else offer

    def repair(self, offer: Offer, choice: str, calling_code: str = "") -> Repair:
        """Take an offer; its reading, if it has one, counts from the next `check` on.

        choice: what was chosen with it. calling_code: of the country that was chosen.
        """
        with self._turn:
            workspace = self.examined.workspace if self.examined else Workspace()
            keys = {one.label: one.key for one in workspace.fields}
            reading = reading_of(offer, choice, keys)
            number = max((one.number for one in self.repairs), default=0) + 1
            facts = {"choice": choice, "column": offer.issue.column, "letter": offer.issue.letter}
            facts |= {name: fact for name, fact in offer.facts.items() if isinstance(fact, str)}
            repair = Repair(number, offer.name, facts, reading or Reading())
            if reading is None:
                step = self._step_of(offer, calling_code)
                if step.concerned():
                    repair = replace(repair, step=self.correct(step), count=len(step.concerned()))
            if reading is not None or repair.step is not None:
                self.keep(repairs=[*self.get("repairs"), _repair_to_json(repair)])
            return repair

    def take_back_repair(self, number: int) -> Repair | None:
        """Let a repair be as if it had never been made; None if there is none of this number."""
        with self._turn:
            found = next((one for one in self.repairs if one.number == number), None)
            if found is None:
                return None
            self.keep(repairs=[one for one in self.get("repairs") if one["number"] != number])
            if found.step is not None:
                self.take_back(found.step)
            return found

    def _step_of(self, offer: Offer, calling_code: str) -> Step:
        """What an offer writes into the cells of all rows that it is good for."""
        if self.grid is None or self.examined is None:
            return Step()
        if offer.name == "similar-group":
            return self._other_group(self.grid, offer)
        issue = offer.issue
        rows = self.grid.rows_of(Filter(issue.letter, issue.code))
        if offer.name == "leave-out":
            return Step(rows={row.row.number: False for row in rows})
        cells: dict[tuple[int, str], str | None] = {}
        for row in rows:
            text = self._text_for(self.grid, row, offer, calling_code)
            if text is not None:
                cells[row.row.number, issue.letter] = text
        return Step(cells)

    def _text_for(self, grid: Grid, row: GridRow, offer: Offer, calling_code: str) -> str | None:
        """What makes a cell right, or None if nothing of what the repair may write does."""
        letter, code = offer.issue.letter, offer.issue.code
        issue = next(one for one in row.issues if (one.letter, one.code) == (letter, code))
        cell = grid.cell(row.row, letter)
        for text in texts_for(offer.name, "" if cell is None else str(cell), issue, calling_code):
            again = grid.checked_with(row.row.number, {letter: text})
            if not any(one.letter == letter and (one.is_error or one.code == code) for one in again.issues):
                return text
        return None

    def _other_group(self, grid: Grid, offer: Offer) -> Step:
        name, other = str(offer.facts["value"]), str(offer.facts["other"])
        columns = self.examined.mapping.columns if self.examined else ()
        letters = [one.column.letter for one in columns if one.target.kind == "groups"]
        cells: dict[tuple[int, str], str | None] = {}
        for row in grid.rows_of(Filter()):
            for letter in letters:
                cell = grid.cell(row.row, letter)
                if isinstance(cell, str) and (text := with_other_group(cell, name, other)) is not None:
                    cells[row.row.number, letter] = text
        return Step(cells)


def _read_state(folder: Path) -> dict[str, Any]:
    try:
        state = json.loads((folder / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        state = None
    if not isinstance(state, dict) or state.get("version") != VERSION:
        raise Unusable("desk-unusable", path=str(folder))
    return state


def _repair_to_json(repair: Repair) -> dict[str, object]:
    reading = repair.reading
    return {
        "number": repair.number,
        "name": repair.name,
        "facts": dict(repair.facts),
        "reading": {
            "options": dict(reading.options),
            "targets": dict(reading.targets),
            "values": {letter: dict(values) for letter, values in reading.values.items()},
        },
        "step": repair.step,
        "count": repair.count,
    }


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)
