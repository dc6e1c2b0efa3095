"""schema: what --json prints, as JSON Schema."""

from importlib import resources
from typing import Annotated

import typer

from importer.cli.app import Lang, app
from importer.cli.telling import told
from importer.errors import Unusable

SCHEMA_OF = {
    "undo": "import",
    "purge": "purge", "fields": "fields", "groups": "groups",
    "check": "check", "plan": "import", "run": "import", "report": "import", "jobs": "jobs", "presets": "presets",
    "workspace": "workspace", "export": "export", "diff": "diff", "convert": "convert",
    "template": "template", "sandbox": "sandbox",
}  # fmt: skip
"""The document that a command prints with --json, unless it is an error."""


@app.command()
@told
def schema(
    name: Annotated[str | None, typer.Argument(show_default=False)] = None,
    *,
    lang: Lang = None,  # noqa: ARG001 - schemas are the same in any
) -> None:
    """The names of all schemas, or one of them."""
    known = schema_names()
    if name is None:
        for each in known:
            typer.echo(each)
    elif name in known:
        typer.echo(
            resources.files("importer").joinpath("schemas", f"{name}.json").read_text("utf-8").rstrip()
        )
    else:
        raise Unusable("schema-unknown", value=name, known=", ".join(known))


def schema_names() -> list[str]:
    """All kinds of documents."""
    files = resources.files("importer").joinpath("schemas").iterdir()
    return sorted(one.name.removesuffix(".json") for one in files if one.name.endswith(".json"))
