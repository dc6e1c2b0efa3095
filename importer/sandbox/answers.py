"""What the server answers, and the exceptions that end a request early with such an answer."""

import json
from collections.abc import Mapping

from msgspec import Struct, field

JSON_TYPE = "application/json"


class Answer(Struct, frozen=True):
    """An HTTP answer, ready to be sent."""

    status: int
    content: bytes = b""
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The request ends here, with `answer`; nothing has been changed."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status, answer.content)
        self.answer = answer


def json_answer(status: int, body: object, headers: Mapping[str, str] | None = None) -> Answer:
    """`body` as JSON with \\u escapes."""
    content = json.dumps(body, separators=(",", ":")).encode("ascii")
    return Answer(status, content, JSON_TYPE, headers or {})


def nothing() -> Answer:
    """204, without a body."""
    return Answer(204)


def page(status: int, title: str) -> Answer:
    """A web page, as the server sends where no endpoint is."""
    html = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, html.encode(), "text/html")


def faulty(body: object) -> Refused:
    """400 with sentences by key."""
    return Refused(json_answer(400, body))


def faulty_body(sentence: str) -> Refused:
    """400: the body as a whole."""
    return faulty({"non_field_errors": [sentence]})


def failed(sentence: str) -> Refused:
    """400: a new contact that passed the checks, but could not be written."""
    return faulty({"error": sentence})


def detail(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Refused:
    """An answer that has `detail` only."""
    return Refused(json_answer(status, {"detail": sentence}, headers))


def missing() -> Refused:
    """404: no such contact, field or group."""
    return detail(404, "Not found.")


def crash() -> Refused:
    """500: one line of plain text."""
    return Refused(Answer(500, b"Internal Server Error", "text/plain"))
