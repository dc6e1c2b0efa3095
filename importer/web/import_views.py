"""Plan, Import and Result: what would be done, doing it, and what came of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from importer.desk import Desk
from importer.lines import REMOVES, Lines
from importer.repairs import questions
from importer.web.documents import PLAN, REPORT, RESULT, UNDO, issues_in, kinds_in
from importer.web.showing import Saying
from importer.web.visits import Visit, of_file, redirect, visit_of, with_form, with_rows
from importer.web.work import Work

PAGE = 50
"""Lines on one page."""
LOOK_S = 0.2
"""So often it is looked whether there is something new to tell."""
SILENT_S = 15.0
"""After so long without news a word is sent, so that nobody in between closes the connection."""
FILES = ("report.xlsx", "failed.xlsx", "report.jsonl", "summary.json")
DELETED = "deleted-"
"""So the name of the file with the contacts that were deleted begins."""

PLAN_FILTERS = {
    "updated": ("updated",),
    "deleted": ("deleted",),
    "removes": (REMOVES,),
    "created": ("created",),
    "unchanged": ("unchanged",),
    "held-back": ("invalid",),
    "skipped": ("skipped",),
}
RESULT_FILTERS = {
    "failed": ("invalid", "refused"),
    "not-sent": ("not-sent",),
    "created": ("created",),
    "updated": ("updated",),
    "deleted": ("deleted",),
    "removes": (REMOVES,),
    "unchanged": ("unchanged",),
    "skipped": ("skipped",),
}


UNDO_FILTERS = {
    "kept": ("kept", "not-sent", "refused"),
    "deleted": ("deleted",),
    "restored": ("updated",),
    "created": ("created",),
    "unchanged": ("unchanged",),
    "skipped": ("skipped",),
}


def _lines(visit: Visit, name: str, filters: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    lines, query = Lines(visit.desk.folder / name), visit.request.query_params
    counts = lines.counts()
    sizes = {one: sum(counts.get(status, 0) for status in statuses) for one, statuses in filters.items()}
    present = [one for one, size in sizes.items() if size]
    chosen = query.get("show", "")
    shown = chosen if chosen in present else next(iter(present), "")
    start = query.get("start", "0")
    start_at = int(start) if start.isascii() and start.isdecimal() and len(start) < 10 else 0
    start_at = min(start_at, max(0, (sizes.get(shown, 0) - 1) // PAGE * PAGE))
    return {
        "filters": present,
        "sizes": sizes,
        "shown": shown,
        "start": start_at,
        "page": PAGE,
        "lines": lines.page(filters[shown], start_at, PAGE) if shown else [],
    }


# --------------------------------------------------------------------------------------------------- plan


@with_form
@with_rows
def make_plan(visit: Visit, form: Any) -> Response:  # noqa: ANN401, ARG001
    """Look at the workspace, and say what would be done."""
    if not visit.work and visit.phase not in ("importing", "unusable", "undoing"):
        visit.desk.keep(changed=False)
        visit.start("plan")
    return visit.go("plan")


@of_file
@with_rows
def plan(visit: Visit) -> Response:
    """What would be done."""
    if visit.work:
        return visit.in_the_way("plan") or visit.go()
    document, last = visit.desk.get("plan"), visit.workshop.last_work(visit.key)
    error = last.error if last and last.kind in ("plan", "import") else None
    if error:
        return visit.show("stopped.html", "plan", 422, error=error, again="plan")
    if not document or visit.phase not in ("planned", "stopped", "done", "cut-off"):
        return visit.go("check")
    return visit.show(
        "plan.html",
        "plan",
        document=document,
        questions=[(issue, found) for issue in issues_in(document) if (found := list(questions(issue)))],
        changed=visit.desk.get("changed"),
        wrong="wrong" in visit.request.query_params,
        **_lines(visit, PLAN, PLAN_FILTERS),
    )


# ------------------------------------------------------------------------------------------------- import


@with_form
@with_rows
def go(visit: Visit, form: Any) -> Response:  # noqa: ANN401
    """Do what the plan shows, or go on with it. What deletes or blocks takes the number of contacts, typed."""
    destroyed = (visit.desk.get("plan") or {}).get("destroyed", 0)
    if visit.phase == "planned" and destroyed and str(form.get("count", "")).strip() != str(destroyed):
        return redirect(f"{visit.path('plan')}?wrong=1")
    if visit.phase in ("planned", "cut-off", "stopped"):
        visit.start("import")
    return visit.go("import")


@with_form
def pause(visit: Visit, form: Any) -> Response:  # noqa: ANN401, ARG001
    """End what is under way as soon as the requests that were sent are answered."""
    if work := visit.work:
        visit.workshop.pause(visit.key)
        work.finished.wait(5)
    return visit.go("import")


@of_file
@with_rows
def progress(visit: Visit) -> Response:
    """How far the import is."""
    work = visit.work
    if work is None and visit.phase == "cut-off":
        return visit.show("cut-off.html", "import")
    if work is None or work.kind != "import":
        return visit.go()
    return visit.show("importing.html", "import", work=work, state=_state(work, Saying(visit.words)))


def _state(work: Work, saying: Saying) -> dict[str, Any]:
    """What is to be seen of a piece of work: a share from 0 to 1 (None: nobody knows), and lines."""
    share, left, waits = None, "", ""
    if work.kind == "check":
        status = saying.say("working.rows", count=work.rows) if work.rows else saying.say("working.check")
    elif not work.has_started:
        status = (
            saying.say("working.contacts", count=work.read)
            if work.read
            else saying.say(f"working.{work.kind}")
        )
    else:
        done = min(work.requests_done, work.requests)
        share = done / work.requests if work.requests else 1.0
        status = saying.say("working.requests", done=done, count=work.requests)
        if work.left_s is not None and done < work.requests:
            left = saying.of("screen.left", time=saying.duration(work.left_s))
    if work.waits and work.waits[1] > time.time():
        at = time.strftime("%H:%M", time.localtime(work.waits[1]))
        told = saying.of(f"screen.waiting.{work.waits[0]}", until=at)  # on the terminal it goes on a line
        waits = told[:1].upper() + told[1:]
    if work.stop.is_set():
        waits = saying.say("import.pausing")
    resumed = saying.of("screen.resuming", count=work.resumed) if work.resumed else ""
    return {"share": share, "status": status, "left": left, "waits": waits, "resumed": resumed}


async def events(request: Request) -> Response:
    """News of what is being done for a file, as server-sent events; the last one says that it is finished."""
    visit = visit_of(request)
    if isinstance(visit, Response):
        return visit
    work, saying = visit.work, Saying(visit.words)

    async def news() -> AsyncIterator[str]:
        seen, told_s = -1, time.monotonic()
        while work and not work.finished.is_set():
            if work.version != seen or time.monotonic() - told_s > SILENT_S:
                seen, told_s = work.version, time.monotonic()
                yield f"data: {json.dumps(_state(work, saying))}\n\n"
            await asyncio.sleep(LOOK_S)
            if await request.is_disconnected():
                return
        yield 'data: {"finished": true}\n\n'

    return StreamingResponse(news(), media_type="text/event-stream")


# ------------------------------------------------------------------------------------------------- result


@of_file
def result(visit: Visit) -> Response:
    """What came of it."""
    if work := visit.work:
        return visit.show_working("result", work) if work.kind == "report" else visit.go()
    last = visit.workshop.last_work(visit.key)
    error = last.error if last and last.kind in ("import", "report") else None
    document = visit.desk.get("result")
    if not document:
        if error:
            again = "import" if visit.has_rows else ""
            return visit.show("stopped.html", "result", 422, error=error, again=again)
        return visit.go("plan") if visit.has_rows else redirect("/")
    return visit.show(
        "result.html",
        "result",
        document=document,
        kinds=kinds_in(document),
        files=_files(visit.desk),
        error=error,
        **_lines(visit, RESULT, RESULT_FILTERS),
    )


# --------------------------------------------------------------------------------------------------- undo


@with_form
def plan_undo(visit: Visit, form: Any) -> Response:  # noqa: ANN401, ARG001
    """Look at what taking the import back would do."""
    if not visit.work and visit.phase in ("done", "stopped") and visit.desk.get("result"):
        visit.start("undo-plan")
    return visit.go("undo")


@with_form
def go_undo(visit: Visit, form: Any) -> Response:  # noqa: ANN401, ARG001
    """Take it back, or go on with it."""
    if not visit.work and visit.phase in ("done", "stopped", "undo-stopped") and visit.desk.get("undo"):
        visit.start("undo")
    return visit.go("undo")


@of_file
def undo(visit: Visit) -> Response:
    """What would be taken back, how far that is, or what came of it."""
    if work := visit.work:
        if work.kind == "undo":
            return visit.show("importing.html", "result", work=work, state=_state(work, Saying(visit.words)))
        return visit.show_working("result", work) if work.kind in ("undo-plan", "report") else visit.go()
    last, document = visit.workshop.last_work(visit.key), visit.desk.get("undo")
    error = last.error if last and last.kind in ("undo", "undo-plan") else None
    if not document:
        if error:
            return visit.show("stopped.html", "result", 422, error=error, again="undo-plan")
        return visit.go("result" if visit.desk.get("result") else "plan")
    return visit.show(
        "undo.html", "result", document=document, error=error, **_lines(visit, UNDO, UNDO_FILTERS)
    )


def _files(desk: Desk) -> dict[str, str]:
    """The files of a report: what each is, and its name; what was deleted is in one that bears the name of its job."""
    told = (desk.get("result") or {}).get("files", [])
    names = {name: name for name in FILES}
    if deleted := next((name for name in told if name.startswith(DELETED)), ""):
        names["deleted"] = deleted
    return {what: name for what, name in names.items() if (desk.folder / REPORT / name).exists()}


@of_file
def download(visit: Visit) -> Response:
    """A file of the report."""
    name = visit.request.path_params["name"]
    if name not in _files(visit.desk).values():
        raise HTTPException(404)
    return FileResponse(visit.desk.folder / REPORT / name, filename=name)
