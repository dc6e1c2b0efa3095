"""The desk: a file that is mended step by step, and is still there when the program is started again."""

import os

import pytest

from importer.corrections import Step
from importer.desk import Desk
from importer.errors import Unusable
from importer.grid import Filter
from importer.lines import REMOVES, Lines, keep_lines
from importer.messages import catalogue
from importer.model import Status, Workspace
from importer.options import Options
from importer.repairs import Offer
from importer.run import import_file, plan_file, report_of_desk

BRAZIL = Workspace("Escola", "BR", "America/Sao_Paulo", uuid="8a1c6dcb-0a4f-4d0a-b6c1-2f8f5f6a7a11")
NOWHERE = Workspace("Escola", None, "UTC", uuid="8a1c6dcb-0a4f-4d0a-b6c1-2f8f5f6a7a11")


@pytest.fixture
def desk_of(tmp_path):
    """A desk for a file of these lines, checked."""
    opened = []

    def make(*lines: str, workspace: Workspace = BRAZIL) -> Desk:
        folder = tmp_path / f"desk-{len(opened)}"
        folder.mkdir()
        source = folder / "input.csv"
        source.write_text("\n".join(lines) + "\n", "utf-8")
        desk = Desk.make(folder, source, "Turma A.csv", workspace)
        desk.check(workspace, "en")
        opened.append(desk)
        return desk

    yield make
    for desk in opened:
        desk.close()


def offer(desk: Desk, name: str, value: object = None) -> Offer:
    return next(one for one in desk.offers() if one.name == name and value in (None, one.issue.value))


def totals(desk: Desk) -> dict[str, int]:
    return dict(desk.grid.totals)


def test_what_was_decided_is_there_again(desk_of):
    desk = desk_of("Name,URN:Tel,Cidade", "Ana,123,Natal", "Bia,82900000002,Recife")
    desk.correct(Step({(2, "B"): "82900000001"}))
    desk.decide({"C": "field:cidade:text"}, {"date_order": "dmy", "groups": "VIP; Turma A"})
    again = Desk(desk.folder)
    again.check(BRAZIL, "en")
    assert totals(again) == {"valid": 2}
    assert again.examined.options.groups == ("VIP", "Turma A")
    assert [str(one.target) for one in again.examined.mapping.columns] == ["name", "urn:tel", "field:cidade"]
    assert again.options("pt").title == "Turma A.csv"
    again.close()


def test_a_folder_without_a_desk_is_none(tmp_path):
    for content in (None, "{", "[]", '{"version": 99}'):
        if content is not None:
            (tmp_path / "desk.json").write_text(content)
        with pytest.raises(Unusable) as caught:
            Desk(tmp_path)
        assert catalogue("pt").explain(caught.value)


def test_a_country_for_all_numbers_without_one(desk_of):
    """It counts from the next check on, and can be taken back."""
    desk = desk_of("Name,URN:Tel", "Ana,82900000001", "Bia,82900000002", workspace=NOWHERE)
    assert totals(desk) == {"invalid": 2}
    repair = desk.repair(offer(desk, "country"), "BR")
    desk.check(NOWHERE, "en")
    assert totals(desk) == {"valid": 2}
    desk.take_back_repair(repair.number)
    desk.check(NOWHERE, "en")
    assert totals(desk) == {"invalid": 2}


def test_a_prefix_is_added_only_where_it_makes_the_number_right(desk_of):
    """Written into the cells, and checked at once."""
    rows = ("Ana,82900000001", "Bia,5582900000002", "Caio,090000", "Davi,(82) 90000-0004")
    desk = desk_of("Name,URN:Tel", *rows, workspace=NOWHERE)
    before = totals(desk)
    repair = desk.repair(offer(desk, "prefix"), "BR", "55")
    found = {row.row.cells[0]: row.row.cells[1] for row in desk.grid.page(Filter(), 0, 9)}
    assert found["Ana"] == "+5582900000001"
    assert found["Davi"] == "+5582900000004"
    assert found["Caio"] == "090000"
    assert totals(desk)["invalid"] == before["invalid"] - repair.count
    desk.take_back_repair(repair.number)
    assert totals(desk) == before


@pytest.mark.parametrize(
    ("name", "header", "row", "choice", "cells"),
    [
        ("ninth-digit", "Name,URN:Tel", "Ana,(31) 9000-0308", "", ("Ana", "+5531990000308")),
        ("ninth-digit", "Name,URN:Tel", "Ana,553190000308", "", ("Ana", "+5531990000308")),
        ("as-understood", "Language,URN:Tel", "pt,82900000001", "", ("por", "82900000001")),
        ("as-read", "Name,URN:Tel", '"Ana,82900000001', "", ("Ana", "82900000001")),
        ("drop-surplus", "Name,URN:Tel", "Ana,82900000001,sobra", "", ("Ana", "82900000001")),
        ("empty", "URN:Tel,URN:Mailto", "82900000001,ana(at)x", "", ("82900000001", "")),
    ],
)
def test_a_repair_writes_into_the_cells(name, header, row, choice, cells, desk_of):
    desk = desk_of(header, row)
    desk.repair(offer(desk, name), choice)
    assert desk.grid.page(Filter(), 0, 1)[0].row.cells == cells
    assert totals(desk) == {"valid": 1}
    assert desk.grid.kinds == []


@pytest.mark.parametrize(
    ("name", "rows", "choice", "right"),
    [
        ("date_order", ("Ana,82900000001,03/04/2020,", "Bia,82900000002,04/05/2020,"), "dmy", 2),
        ("decimal", ("Ana,82900000001,,1.234", "Bia,82900000002,,2.345"), ",", 2),
        ("duplicates", ("Ana,82900000001,,", "Bia,82900000001,,"), "first", 1),
        ("create_without_key", ("Ana,,,",), "", 1),
    ],
)
def test_a_repair_says_how_the_file_is_read(name, rows, choice, right, desk_of):
    desk = desk_of("Name,URN:Tel,Field:Since:datetime,Field:Points:numeric", *rows)
    assert totals(desk) == {"invalid": len(rows)}
    desk.repair(offer(desk, name), choice)
    desk.check(BRAZIL, "en")
    assert totals(desk).get("valid") == right
    assert "invalid" not in totals(desk)


def test_a_language_that_nobody_knows_is_told_once(desk_of):
    desk = desk_of("Language,URN:Tel", "Klingonês,82900000001", "Klingonês,82900000002", "por,82900000003")
    desk.repair(offer(desk, "language", "Klingonês"), "por")
    desk.check(BRAZIL, "en")
    assert totals(desk) == {"valid": 3}
    assert desk.grid.page(Filter(), 0, 1)[0].row.cells[0] == "Klingonês"


def test_a_similar_group_is_written_as_the_one_that_is_there(desk_of):
    from msgspec.structs import replace

    from importer.model import Group

    workspace = replace(BRAZIL, groups=(Group("g", "Clientes VIP"),))
    lines = (
        "URN:Tel,Groups",
        '82900000001,"Cliente VIP; Turma A"',
        "82900000002,-Cliente VIP",
        "82900000003,",
    )
    desk = desk_of(*lines, workspace=workspace)
    desk.repair(offer(desk, "similar-group"), "")
    assert [row.row.cells[1] for row in desk.grid.page(Filter(), 0, 9)] == [
        "Clientes VIP; Turma A",
        "-Clientes VIP",
        "",
    ]


def test_rows_left_out_are_skipped_and_nothing_else(desk_of, connection, state):
    desk = desk_of("Name,URN:Tel", "Ana,82900000001", "Bia,123", "Caio,124")
    repair = desk.repair(offer(desk, "leave-out"), "")
    assert (repair.count, totals(desk)) == (2, {"valid": 1, "skipped": 2})
    report = plan_file(desk.source, desk.options("en"), connection, state=state)
    assert report.totals[Status.SKIPPED] == 2
    assert report.summary.file.path == "Turma A.csv"


def test_the_rows_to_mend_are_those_of_the_moment(desk_of, tmp_path):
    """Corrections count at once, also across rows."""
    desk = desk_of("Name,URN:Tel", "Ana,82900000001", "Bia,82900000001", "Caio,123")
    desk.correct(Step({(3, "B"): "82900000002"}))
    report = report_of_desk(desk, "en", tmp_path / "report")
    assert [outcome.row for _, outcome in report.lines() if outcome.issues] == [4]
    assert "failed.xlsx" in {path.name for path in report.files}


def test_a_mapping_file_is_used_and_written(desk_of):
    desk = desk_of("Nome do aluno,Fone", "Ana,82900000001")
    desk.load_mapping('[columns]\n"Nome do aluno" = "field:aluno"\n[values.Fone]\n82900000001 = "123"\n')
    desk.check(BRAZIL, "en")
    assert totals(desk) == {"invalid": 1}
    assert '"Nome do aluno" = "field:aluno' in desk.mapping_text()
    with pytest.raises(Unusable):
        desk.load_mapping("nonsense")


@pytest.mark.skipif(os.name != "posix", reason="access is another matter there")
def test_only_its_owner_can_read_it(desk_of):
    desk = desk_of("Name,URN:Tel", "Ana,123")
    desk.correct(Step({(2, "B"): "82900000001"}))
    desk.decide({}, {"country": "BR"})
    kept = [path for path in desk.folder.iterdir() if path.name != "input.csv"]
    assert {path.name for path in kept} >= {"desk.json", "corrections.jsonl", "grid.db"}
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


def test_the_lines_of_a_report_are_at_hand(make_csv, connection, tmp_path):
    path = make_csv("Name,URN:Tel,Groups", "Ana,+5582900000001,VIP", "Bia,123,")
    import_file(path, Options(), connection)
    path.write_text("Name,URN:Tel,Groups\nAna,+5582900000001,-VIP\nBia,123,\nCaio,+5582900000003,\n")
    keep_lines(tmp_path / "plan.db", plan_file(path, Options(), connection).lines())
    lines = Lines(tmp_path / "plan.db")
    assert lines.counts() == {"updated": 1, "invalid": 1, "created": 1, REMOVES: 1}
    (removed,) = lines.page((REMOVES,), 0, 9)
    assert (removed.outcome.row, removed.cells[0]) == (2, "Ana")
    assert [one.outcome.row for one in lines.page(("created", "invalid"), 1, 9)] == [4]
    assert lines.page(("created",), 1, 9) == []
