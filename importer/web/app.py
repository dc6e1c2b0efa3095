"""Which address leads where."""

from importlib import resources

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from importer.web import column_views, import_views, mend_views, start_views
from importer.web.showing import Shower, failed
from importer.web.workshop import Workshop

FILES = {"app.css": "text/css", "app.js": "text/javascript", "icon.svg": "image/svg+xml"}


def make_app(workshop: Workshop, language: str, upload_max: int, *, asks_password: bool) -> ASGIApp:
    """The page as an application; who may use it is not its business.

    upload_max: bytes that a file may have.
    """
    get, post = ["GET"], ["POST"]
    start, column, mend, bring = start_views, column_views, mend_views, import_views
    app = Starlette(
        routes=[
            *(Route(f"/files/{name}", _file(name, kind), methods=get) for name, kind in FILES.items()),
            Route("/enter", start.enter, methods=get),
            Route("/", start.start, methods=get),
            Route("/connect", start.connect, methods=post),
            Route("/leave", start.leave, methods=post),
            Route("/language", start.choose_language, methods=post),
            Route("/template.{kind}", start.template, methods=get),
            Route("/jobs/{job}", start.look, methods=post),
            Route("/imports", start.upload, methods=post),
            Route("/imports/{key}", start.resume, methods=get),
            Route("/imports/{key}/remove", start.remove, methods=post),
            Route("/imports/{key}/columns", column.columns, methods=get),
            Route("/imports/{key}/columns", column.decide, methods=post),
            Route("/imports/{key}/mapping", column.load_mapping, methods=post),
            Route("/imports/{key}/mapping.toml", column.mapping, methods=get),
            Route("/imports/{key}/check", mend.check, methods=get),
            Route("/imports/{key}/check", mend.check_again, methods=post),
            Route("/imports/{key}/grid", mend.grid, methods=get),
            Route("/imports/{key}/cells", mend.correct, methods=post),
            Route("/imports/{key}/repairs", mend.repair, methods=post),
            Route("/imports/{key}/repairs/back", mend.take_back, methods=post),
            Route("/imports/{key}/to-mend.xlsx", mend.rows_to_mend, methods=get),
            Route("/imports/{key}/plan", bring.plan, methods=get),
            Route("/imports/{key}/plan", bring.make_plan, methods=post),
            Route("/imports/{key}/import", bring.progress, methods=get),
            Route("/imports/{key}/import", bring.go, methods=post),
            Route("/imports/{key}/pause", bring.pause, methods=post),
            Route("/imports/{key}/result", bring.result, methods=get),
            Route("/imports/{key}/undo-plan", bring.plan_undo, methods=post),
            Route("/imports/{key}/undo", bring.undo, methods=get),
            Route("/imports/{key}/undo", bring.go_undo, methods=post),
            Route("/imports/{key}/report/{name}", bring.download, methods=get),
            Route("/imports/{key}/events", bring.events, methods=get),
        ],
        exception_handlers={HTTPException: failed, Exception: failed},
    )
    app.state.workshop = workshop
    app.state.upload_max = upload_max
    app.state.asks_password = asks_password
    app.state.shower = Shower(language)
    return app


def _file(name: str, kind: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """One of our own files, read once: no request ever makes a path of its own."""
    content = resources.files("importer.web").joinpath("files", name).read_bytes()

    def answer(request: Request) -> Response:  # noqa: ARG001
        return Response(content, media_type=kind)

    return answer
