"""Connect and File: which workspace, and what is brought into it."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import Message

from importer.errors import ImporterError
from importer.messages import language_of
from importer.run import Connection, workspace_of
from importer.web.choices import country_name
from importer.web.past import jobs_elsewhere, past_imports
from importer.web.showing import Saying, show, shower_of, workshop_of
from importer.web.visitors import Connected
from importer.web.visits import QUICK_S, Visit, of_file, redirect, visitor_of, with_form
from importer.web.workshop import Workshop

AROUND = 10_000
"""Bytes of a form that stand around its file."""
LISTED = 20
"""Past imports that are listed unless somebody wants all."""
TITLE_MAX = 120
"""Characters of a file's name that are kept."""


def enter(request: Request) -> Response:
    """Whoever has no cookie: the question for the password, or how to get in."""
    asks = request.app.state.asks_password
    status = 403 if not asks or getattr(request.state, "wrong", False) else 401
    return show(request, "enter.html", status, asks=asks, wrong=getattr(request.state, "wrong", False))


def start(request: Request) -> Response:
    """The first page: connect, or bring a file."""
    visitor, workshop = visitor_of(request), workshop_of(request)
    if visitor.connected is None and workshop.offered and not visitor.has_left:
        try:
            visitor.connected = _connected(workshop.offered)
        except ImporterError as error:
            return _ask(request, error=error)
    if visitor.connected is None:
        return _ask(request)
    return _files(request, visitor.connected)


def _ask(request: Request, error: ImporterError | None = None, url: str = "") -> Response:
    workshop = workshop_of(request)
    known = workshop.offered or workshop.saved()
    facts = {"error": error, "url": url, "saved": known.url if known else ""}
    return show(request, "connect.html", 422 if error else 200, step="connect", **facts)


def _files(request: Request, connected: Connected, error: ImporterError | None = None) -> Response:
    workshop = workshop_of(request)
    limit = None if "all" in request.query_params else LISTED
    found = past_imports(workshop, connected.workspace, limit)
    language = shower_of(request).words(request).language
    country = country_name(connected.workspace.country or "", language)
    facts = {"imports": found, "is_cut": len(found) == limit, "error": error, "country": country}
    facts["headcount"] = workshop.headcount(connected)
    return show(request, "file.html", 422 if error else 200, step="file", **facts)


def _connected(connection: Connection, *, practice: bool = False) -> Connected:
    return Connected(connection, workspace_of(connection), practice)


async def connect(request: Request) -> Response:
    """Connect with the workspace that the form names."""
    form = await request.form()
    said = {name: value for name, value in form.items() if isinstance(value, str)}

    def act() -> Response:
        visitor, workshop = visitor_of(request), workshop_of(request)
        try:
            if said.get("with") == "practice":
                visitor.connected = _connected(workshop.practice(), practice=True)
            elif said.get("with") == "saved" and (known := workshop.offered or workshop.saved()):
                visitor.connected = _connected(known)
            else:
                connection = Connection(said.get("url", "").strip(), said.get("token", "").strip())
                visitor.connected = _connected(connection)
                if said.get("keep"):
                    workshop.save(connection)
        except ImporterError as error:
            return _ask(request, error, said.get("url", ""))
        workshop.forget_headcount(visitor.connected.workspace)
        return redirect("/")

    return await run_in_threadpool(act)


async def leave(request: Request) -> Response:
    """Let go of the workspace; the token is forgotten, on request also the one that was kept."""
    visitor = visitor_of(request)
    visitor.connected, visitor.has_left = None, True
    if (await request.form()).get("forget"):
        workshop_of(request).save(None)
    return redirect("/")


async def choose_language(request: Request) -> Response:
    """Speak another language from now on."""
    form = await request.form()
    chosen, back = form.get("language"), form.get("back")
    if isinstance(chosen, str) and (language := language_of(chosen)):
        visitor_of(request).language = language
    path = back if isinstance(back, str) else ""
    return redirect("/" + path.lstrip("/\\"))


def template(request: Request) -> Response:
    """A spreadsheet to fill in, with the fields and groups of the workspace."""
    from importer.writers.templates import write_template

    connected, kind = visitor_of(request).connected, request.path_params["kind"]
    if connected is None:
        return redirect("/")
    if kind not in ("xlsx", "csv"):
        raise HTTPException(404)
    words = shower_of(request).words(request)
    folder = Path(tempfile.mkdtemp(prefix="weni-"))
    path = folder / f"template.{kind}"
    write_template(path, words, connected.workspace)
    remove = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    name = f"{words.say('web.template-name')}.{kind}"
    return FileResponse(path, filename=name, background=remove)


async def upload(request: Request) -> Response:
    """Take a file, and check it at once."""
    connected, workshop = visitor_of(request).connected, workshop_of(request)
    if connected is None:
        return redirect("/")
    limited = _Limited(request, request.app.state.upload_max + AROUND)
    try:
        form = await Request(request.scope, limited.receive).form(max_files=1, max_fields=3)
    except HTTPException:
        return _refused(request, *((413, "too-large") if limited.is_exceeded else (400, "no-file")))
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return _refused(request, 422, "no-file")
        language = shower_of(request).words(request).language
        key = await run_in_threadpool(_bring, workshop, connected, file, language)
    finally:
        await form.close()
    path = f"/imports/{key}"
    return JSONResponse({"path": path}) if _wants_json(request) else redirect(path)


def _bring(workshop: Workshop, connected: Connected, file: UploadFile, language: str) -> str:
    """Put the file on a desk, and begin to check it."""

    def fill(target: Path) -> None:
        with target.open("xb") as whole:
            shutil.copyfileobj(file.file, whole)

    key, desk = workshop.bring(fill, _title(file.filename or ""), connected.workspace)
    workshop.start("check", key, desk, connected, language).finished.wait(QUICK_S)
    return key


def _title(name: str) -> str:
    """What a file is called on the page: the end of the path that the browser tells, on one line."""
    printable = "".join(char for char in name if char.isprintable())
    return printable.replace("\\", "/").rpartition("/")[2][:TITLE_MAX] or "?"


class _Limited:
    """A request's body, as long as it is not too large; then it ends like one that is broken."""

    def __init__(self, request: Request, limit: int) -> None:
        self._request, self._left = request, limit
        told = request.headers.get("content-length", "0")
        self.is_exceeded = told.isdecimal() and int(told) > limit

    async def receive(self) -> Message:
        message = None if self.is_exceeded else await self._request.receive()
        if message is not None:
            self._left -= len(message.get("body", b""))
            self.is_exceeded = self._left < 0
        if message is None or self.is_exceeded:
            raise MultiPartException("too large")
        return message


def _wants_json(request: Request) -> bool:
    return request.headers.get("accept") == "application/json"


def _refused(request: Request, status: int, why: str) -> Response:
    if not _wants_json(request):
        return show(request, "failed.html", status, why=why)
    limit = request.app.state.upload_max // 2**20
    text = Saying(shower_of(request).words(request)).say(f"failed.{why}", limit=limit)
    return JSONResponse({"error": text}, status)


@of_file
def resume(visit: Visit) -> Response:
    """The step that a file has come to."""
    match visit.phase:
        case "importing" | "cut-off":
            return visit.go("import")
        case "undoing" | "undo-stopped" | "undone":
            return visit.go("undo")
        case "stopped" | "done":
            return visit.go("result")
        case "planned":
            return visit.go("plan")
        case "new":
            if answer := visit.in_the_way("columns"):
                return answer
            return visit.go("columns")
        case "checked":
            return visit.go("check")
        case "read":
            return visit.go("columns")
    return visit.go("columns")


async def look(request: Request) -> Response:
    """What became of an import of the command line."""
    connected, workshop = visitor_of(request).connected, workshop_of(request)
    if connected is None:
        return redirect("/")
    language = shower_of(request).words(request).language

    def act() -> Response:
        wanted = request.path_params["job"]
        jobs = jobs_elsewhere(workshop, connected.workspace)
        info = next((info for info in jobs if info.job == wanted and info.state != "running"), None)
        if info is None:
            raise HTTPException(404)
        key, desk = workshop.bring_job(info, connected.workspace)
        workshop.start("report", key, desk, connected, language).finished.wait(QUICK_S)
        return redirect(f"/imports/{key}")

    return await run_in_threadpool(act)


@with_form
def remove(visit: Visit, form: Any) -> Response:  # noqa: ANN401, ARG001
    """Remove a file from this computer, with all that was made of it."""
    visit.workshop.remove(visit.key, visit.desk)
    return redirect("/")
