"""A comparison as files: differences.xlsx for people, differences.jsonl for programs, absent.xlsx to be run."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from importer.differences import Difference, Standing
from importer.messages import Catalogue
from importer.model import OWN_PREFIX, Contact, Outcome
from importer.wording import describe_issues
from importer.writers.drafts import Drafts
from importer.writers.export_files import ExportFiles
from importer.writers.json_files import issue_document

BOOK, ROWS, ABSENT = "differences.xlsx", "differences.jsonl", "absent.xlsx"
NAMES = (ROWS, BOOK, ABSENT)
_WIDTHS = {"row": 9, "uuid": 38, "column": 9, "header": 24, "file": 44, "workspace": 44, "issues": 60}


class DifferenceFiles:
    """Writes a comparison line by line; nothing is seen in `folder` before `close`. Used in a `with` block.

    Raises:
        Unusable: the folder or an older file in it cannot be written; any method, if the disk fails.
    """

    def __init__(self, folder: Path, words: Catalogue) -> None:
        # the workbook's writer takes as long to import as the rest of the program
        from importer.writers.sheets import GrowingTable, open_book
        from importer.writers.styles import Styles

        self._words = words
        self._drafts = Drafts(folder, NAMES, "diff")
        self._absent: ExportFiles | None = None
        with self._drafts.told():
            path = self._drafts.path(BOOK)
            self._book = open_book(path, path.parent)
            self._styles = Styles(self._book)
            headers = [(words.say(f"diff.header.{name}"), self._styles.own_header) for name in _WIDTHS]
            widths = dict(enumerate(_WIDTHS.values()))
            self._table = GrowingTable(self._book, words.say("diff.sheet"), headers, widths=widths)
            self._rows = self._drafts.path(ROWS).open(
                "w", encoding="utf-8", errors="backslashreplace", newline="\n"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from importer.writers.sheets import abandon_book

        with suppress(OSError):  # it would write what is left
            self._rows.close()
        abandon_book(self._book)
        if self._absent:
            self._absent.__exit__(kind, error, trace)
        self._drafts.discard()

    def add(self, outcome: Outcome, standing: Standing, found: Sequence[Difference]) -> None:
        """Write a row that differs, or that cannot be compared."""
        with self._drafts.told():
            self._put(
                {
                    "row": outcome.row,
                    "status": standing.value,
                    "uuid": outcome.uuid,
                    "differences": [_difference_document(one) for one in found],
                    "issues": [issue_document(issue, self._words) for issue in outcome.issues],
                }
            )
            issues = describe_issues(outcome.issues, self._words)
            if standing is Standing.INVALID:
                self._line(outcome.row, outcome.uuid, None, None, None, None, issues)
            for one in found:
                letter = one.column.letter if one.column else None
                header = one.column.header if one.column else one.attribute
                sides = (one.in_file, one.in_workspace)
                if standing is Standing.MISSING:
                    header, sides = "", (None, self._words.say("diff.no-contact"))
                self._line(one.row, one.uuid, letter, header, *sides, issues)

    def add_absent(self, contacts: Iterable[Contact], leave: str | None) -> int:
        """Write contacts of a group that the file does not have, and the sheet that takes them out; how many.

        leave: the cell that says so; None: none can, and there is no sheet.
        """
        headers = ("Contact UUID", f"{OWN_PREFIX}{self._words.say('diff.header.name')}", "Groups")
        if leave is not None:
            title = self._words.say("diff.absent-sheet")
            self._absent = ExportFiles((self._drafts.path(ABSENT),), headers, title)
        count = 0
        with self._drafts.told():
            for contact in contacts:
                count += 1
                if self._absent:
                    self._absent.add((contact.uuid, contact.name, leave))
                self._put(
                    {"row": None, "status": "absent", "uuid": contact.uuid, "differences": [], "issues": []}
                )
                self._line(None, contact.uuid, None, None, None, contact.name or " ".join(contact.urns), None)
        if count and self._absent:
            self._absent.close()
        return count

    def close(self) -> tuple[Path, ...]:
        """Finish the files and put them in the place of older ones; the paths of those there are."""
        from importer.writers.sheets import finish_book

        with self._drafts.told():
            self._rows.close()
            self._table.close()
            finish_book(self._book)
        return self._drafts.publish()

    def _put(self, document: dict[str, object]) -> None:
        self._rows.write(json.dumps(document, ensure_ascii=False) + "\n")

    def _line(self, row: int | None, *texts: str | None) -> None:
        from importer.writers.sheets import put_text, texts_high

        issues = texts[-1] or ""
        line = self._table.next_line(texts_high(issues, _WIDTHS["issues"]) if issues else 1)
        if row is not None:
            self._table.sheet.write_number(line, 0, row, self._styles.centred)
        for position, text in enumerate(texts, 1):
            if text:
                style = self._styles.wrapped if position == len(texts) else self._styles.top
                put_text(self._table.sheet, line, position, text, style, self._words.say("report.cut"))


def _difference_document(one: Difference) -> dict[str, object]:
    return {
        "column": one.column.letter if one.column else None,
        "header": one.column.header if one.column else None,
        "attribute": one.attribute,
        "file": one.in_file,
        "workspace": one.in_workspace,
    }
