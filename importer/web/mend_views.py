"""Check: correcting cells, repairs that fit many rows, and taking either back."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from importer.corrections import Step
from importer.desk import Desk
from importer.grid import Grid, GridRow
from importer.repairs import Offer, questions
from importer.web import choices
from importer.web.documents import issues_in
from importer.web.mending import mending_of, whole
from importer.web.visits import Visit, of_file, with_form, with_rows
from importer.writers.texts import text_of


@of_file
@with_rows
def check(visit: Visit) -> Response:
    """What is wrong, what can be done about it, and the rows."""
    if answer := visit.in_the_way("check"):
        return answer
    if visit.desk.grid is None:
        return visit.go("columns")
    return visit.show("check.html", "check", **mending_of(visit))


@with_form
@with_rows
def check_again(visit: Visit, form: Any) -> Response:  # noqa: ANN401, ARG001
    """Check the whole file anew, as after the workspace has changed."""
    if not visit.work:
        visit.start("check")
    return visit.go("check")


@of_file
@with_rows
def grid(visit: Visit) -> Response:
    """The part of the page that changes with every correction."""
    if visit.desk.grid is None or visit.work:
        raise HTTPException(409)
    return visit.show("mending.html", "check", **mending_of(visit))


@with_form
@with_rows
def correct(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Write over cells, leave rows out or take them in, or let them be as in the file."""
    desk = visit.desk
    if visit.work or desk.grid is None:
        raise HTTPException(409)
    step = _step_of(desk.grid, form)
    if step.concerned():
        desk.correct(step)
        _plan_is_old(desk)
    return _after(visit, _said(visit, step))


def _step_of(grid: Grid, form: Any) -> Step:  # noqa: ANN401
    cells: dict[tuple[int, str], str | None] = {}
    rows: dict[int, bool] = {}
    for name, value in form.multi_items():
        kind, _, place = name.partition("-")
        number, _, letter = place.partition("-")
        if kind in ("leave", "take", "restore"):
            number = str(value)
        found = grid.row(whole(number))
        if found is None:
            continue
        match kind:
            case "leave" | "take":
                rows[found.row.number] = kind == "take"
            case "restore":
                cells |= {(found.row.number, one): None for one in found.before}
                rows |= {found.row.number: True} if found.row.left_out else {}
            case "cell":
                cells |= _change(grid, found, letter, str(value))
    return Step(cells, rows)


def _change(grid: Grid, found: GridRow, letter: str, text: str) -> dict[tuple[int, str], str | None]:
    """What a form says of a cell, if that is something new; what the file says is no correction."""
    text = text.replace("\r\n", "\n")
    if not any(column.letter == letter for column in grid.columns):
        return {}
    if text_of(grid.cell(found.row, letter)) == text:
        return {}
    original = found.before.get(letter, grid.cell(found.row, letter))
    return {(found.row.number, letter): None if text_of(original) == text else text}


def _said(visit: Visit, step: Step) -> str:
    """What became of the rows that were just corrected."""
    words, grid = visit.words, visit.desk.grid
    numbers = sorted(step.concerned())
    if not numbers or grid is None:
        return words.say("web.check.nothing-changed")
    left = grid.totals["invalid"]
    row = grid.row(numbers[0])
    if len(numbers) > 1 or row is None:
        return words.say("web.check.corrected", count=len(numbers), left=left)
    if row.status == "invalid":
        issue = next(issue for issue in row.issues if issue.is_error)
        return words.say("web.check.row-wrong", row=numbers[0], message=words.message(issue))
    return words.say("web.check.row-right", row=numbers[0], left=left)


def _after(visit: Visit, said: str) -> Response:
    if visit.request.headers.get("x-part"):
        return visit.show("mending.html", "check", **mending_of(visit, said))
    query = visit.request.url.query
    return visit.go(f"check?{query}" if query else "check")


def _plan_is_old(desk: Desk) -> None:
    """A plan that was made before a correction says nothing any more."""
    if desk.get("phase") == "planned":
        desk.keep(phase="checked", plan=None)


@with_form
@with_rows
def repair(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Take an offer, of several values each with what was chosen for it; at the plan, it is made again then."""
    desk = visit.desk
    if visit.work or desk.examined is None:
        raise HTTPException(409)
    chosen = _chosen(visit, form)
    if not chosen:
        return _after(visit, visit.words.say("web.check.nothing-changed"))
    done = [desk.repair(offer, choice, choices.calling_code(choice)) for offer, choice in chosen]
    _plan_is_old(desk)
    made = {one.number for one in desk.repairs}
    needs_check = any(
        one.number in made and (one.step is None or one.name == "similar-group") for one in done
    )
    if needs_check:
        visit.start("check")
    if form.get("then") == "plan":
        if not visit.work:
            visit.start("plan")
        return visit.go("plan")
    if needs_check:
        return _checked_after(visit)
    count = sum(one.count for one in done)
    return _after(
        visit, visit.words.say("web.check.mended" if count else "web.check.none-mended", count=count)
    )


def _chosen(visit: Visit, form: Any) -> list[tuple[Offer, str]]:  # noqa: ANN401
    """The offers that a form takes, with what is chosen for each."""
    place = str(form.get("letter", "")), str(form.get("code", "")), str(form.get("name", ""))
    asked = issues_in(visit.desk.get("plan") or {"issues": []})
    offers = [*visit.desk.offers(), *(offer for issue in asked for offer in questions(issue))]
    fitting = [one for one in offers if (one.issue.letter, one.issue.code, one.name) == place]
    values, chosen = form.getlist("value") or [""], form.getlist("choice") or [""]
    pairs = zip(map(str, values), map(str, chosen), strict=False)
    return [
        (offer, choice)
        for value, choice in pairs
        if (offer := _offer_for(fitting, value)) and choices.is_possible(offer, choice)
    ]


def _offer_for(fitting: list[Offer], value: str) -> Offer | None:
    """The offer for a value; where the form names none, there is one for all."""
    for offer in fitting:
        if value in offer.values:
            return offer.about(value)
        if not value or str(offer.issue.value) == value:
            return offer
    return None


@with_form
@with_rows
def take_back(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Let a repair be as if it had never been made."""
    desk = visit.desk
    if visit.work or desk.examined is None:
        raise HTTPException(409)
    found = desk.take_back_repair(whole(str(form.get("number", ""))))
    _plan_is_old(desk)
    if found is not None and found.step is None:
        visit.start("check")
        return _checked_after(visit)
    return _after(visit, visit.words.say("web.check.taken-back"))


def _checked_after(visit: Visit) -> Response:
    """The page after a whole check: by itself it would only be a part of it."""
    if visit.request.headers.get("x-part"):
        return Response(status_code=205)  # load it anew
    return visit.go("check")


@of_file
@with_rows
def rows_to_mend(visit: Visit) -> Response:
    """The rows that are held back, as a workbook."""
    if visit.desk.grid is None or visit.work:
        return visit.go("check")
    path = visit.workshop.write_rows_to_mend(visit.desk, visit.words.language)
    if path is None:
        return visit.go("check")
    return FileResponse(path, filename="failed.xlsx")
