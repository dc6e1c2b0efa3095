"""The endpoint workspace: what the token's workspace is."""

from importer.sandbox.answers import Answer, json_answer
from importer.sandbox.calls import Call
from importer.sandbox.service import Service


def get(service: Service, call: Call) -> Answer:  # noqa: ARG001 - as every endpoint
    """One object, not a list."""
    facts = service.store.facts
    return json_answer(
        200,
        {
            "uuid": facts.uuid,
            "name": facts.name,
            "country": service.country,
            "languages": [],
            "primary_language": None,
            "timezone": facts.timezone,
            "date_style": facts.date_style,
            "anon": False,
        },
    )
