"""What all views share: who asks, for which file, and what is in the way of showing it."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from importer.desk import Desk
from importer.errors import ImporterError
from importer.web.showing import show, shower_of, workshop_of
from importer.web.visitors import Connected, Visitor
from importer.web.work import Kind, Work
from importer.web.workshop import Workshop

if TYPE_CHECKING:
    from importer.messages import Catalogue

QUICK_S = 1.2
"""So long an answer waits for work that may be done at once, so that nobody sees it begin and end."""
STEPS = ("connect", "file", "columns", "check", "plan", "import", "result")


class Visit(Struct, frozen=True):
    """A request about one file."""

    request: Request
    key: str
    desk: Desk
    connected: Connected
    workshop: Workshop

    @property
    def words(self) -> "Catalogue":
        """The sentences in the visitor's language."""
        return shower_of(self.request).words(self.request)

    @property
    def phase(self) -> str:
        """How far the file is."""
        return self.workshop.phase(self.key, self.desk)

    @property
    def work(self) -> Work | None:
        """What is being done for it just now."""
        return self.workshop.work(self.key)

    def path(self, step: str = "") -> str:
        """The address of one of its steps."""
        return f"/imports/{self.key}/{step}" if step else f"/imports/{self.key}"

    def go(self, step: str = "") -> Response:
        """The way to one of its steps."""
        return redirect(self.path(step))

    def show(self, name: str, step: str, status: int = 200, /, **facts: object) -> Response:
        """A page of one of its steps."""
        facts = {"visit": self, "desk": self.desk, "step": step, "phase": self.phase, **facts}
        return show(self.request, name, status, **facts)

    def show_working(self, step: str, work: Work) -> Response:
        """The page of work that writes nothing to the workspace."""
        return self.show("working.html", step, work=work)

    def start(self, kind: Kind) -> Work:
        """Begin a piece of work, or find the one that is under way; waits a moment for its end."""
        work = self.workshop.start(kind, self.key, self.desk, self.connected, self.words.language)
        work.finished.wait(QUICK_S)
        return work

    def in_the_way(self, step: str) -> Response | None:
        """What is to be shown instead of a step that needs the file checked; None: nothing is in its way."""
        if self.work is None and self.desk.examined is None and self._error is None:
            self.start("check")
        if work := self.work:
            if work.kind in ("check", "plan"):
                return self.show_working(step, work)
            return self.go("import" if work.kind == "import" else "undo")
        if self.desk.examined is None:
            error = self._error
            return self.show("unreadable.html", "file", 422, error=error, options=self.desk.get("options"))
        return None

    @property
    def _error(self) -> ImporterError | None:
        work = self.workshop.last_work(self.key)
        return work.error if work and work.kind == "check" else None

    @property
    def has_rows(self) -> bool:
        """Whether its rows are at hand; of a job of the command line, there is the report only."""
        return not self.desk.get("job")


def redirect(path: str) -> Response:
    """The way to another page, as after a form."""
    return RedirectResponse(path, 303)


def visitor_of(request: Request) -> Visitor:
    """Who asks."""
    return cast("Visitor", request.state.visitor)


View = Callable[[Visit], Response]
P = ParamSpec("P")


def visit_of(request: Request) -> Visit | Response:
    """The request as one about a file, or what to answer whoever may not see it."""
    connected = visitor_of(request).connected
    if connected is None:
        return redirect("/")
    workshop, key = workshop_of(request), request.path_params["key"]
    desk = workshop.desk(key, connected.workspace)
    if desk is None:
        raise HTTPException(404)
    return Visit(request, key, desk, connected, workshop)


def of_file(view: View) -> Callable[[Request], Response]:
    """A view of one file: whoever is not connected with its workspace does not see it."""

    @wraps(view)
    def answer(request: Request) -> Response:
        visit = visit_of(request)
        return visit if isinstance(visit, Response) else view(visit)

    return answer


def with_rows(view: Callable[P, Response]) -> Callable[P, Response]:
    """A view that needs the rows of its file; where they are not at hand, the result is shown instead."""

    @wraps(view)
    def answer(*given: P.args, **named: P.kwargs) -> Response:
        visit = cast("Visit", given[0])
        return view(*given, **named) if visit.has_rows else visit.go()

    return answer


def with_form(view: Callable[[Visit, Any], Response]) -> Callable[[Request], Awaitable[Response]]:
    """A view of one file that is given what a form says."""

    @wraps(view)
    async def answer(request: Request) -> Response:
        async with request.form(max_files=1, max_fields=5_000) as form:

            def act() -> Response:
                visit = visit_of(request)
                return visit if isinstance(visit, Response) else view(visit, form)

            return await run_in_threadpool(act)

    return answer
