"""The page served from this process, and somebody who asks it as a browser would, but without one."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from importer.run import Connection
from importer.sandbox import Sandbox
from importer.web import Page, PageOptions


class Browser:
    """Asks the page: keeps cookies, follows redirects, says where its forms come from."""

    def __init__(self, page: Page, language: str = "en") -> None:
        self.page = page
        self.client = httpx.Client(
            base_url=page.address,
            follow_redirects=True,
            trust_env=False,
            timeout=60,
            headers={"origin": page.address.rstrip("/"), "accept-language": language},
        )

    def enter(self) -> "Browser":
        assert self.client.get(self.page.url).status_code == 200
        return self

    def get(self, path: str, **more: object) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, **more: object) -> httpx.Response:
        return self.client.post(path, **more)

    def bring(self, content: str | bytes, name: str = "contacts.csv") -> str:
        """Bring a file; the address of its import."""
        answer = self.post("/imports", files={"file": (name, content)})
        found = re.fullmatch(r"/imports/[0-9a-f]{16}/\w+", answer.url.path)
        assert found, answer.text
        return answer.url.path.rpartition("/")[0]

    def until(self, path: str, last: str) -> httpx.Response:
        """The page of an import as soon as nothing is done for it any more."""
        work = self.page.workshop.last_work(path.split("/")[2])
        assert work is None or work.finished.wait(60)
        answer = self.get(path)
        assert answer.url.path.endswith(last), answer.text
        return answer

    def import_all(self, content: str | bytes, name: str = "contacts.csv") -> httpx.Response:
        """The whole way; the page of the result."""
        here = self.bring(content, name)
        self.post(f"{here}/columns", data={})
        self.until(f"{here}/check", "check")
        self.post(f"{here}/plan")
        self.until(f"{here}/plan", "plan")
        self.post(f"{here}/import")
        return self.until(here, "result")


@pytest.fixture
def page(state: Path, sandbox: Sandbox) -> Iterator[Page]:
    """The page, connected with the practice workspace."""
    connection = Connection(sandbox.url, sandbox.token, settle_s=0)
    with Page(PageOptions(port=0, state=state, connection=connection)) as served:
        yield served


@pytest.fixture
def visit() -> Iterator[Callable[..., Browser]]:
    """Somebody who asks a page; closed at the end."""
    opened: list[Browser] = []

    def make(page: Page, language: str = "en") -> Browser:
        opened.append(Browser(page, language))
        return opened[-1]

    yield make
    for browser in opened:
        browser.client.close()


@pytest.fixture
def browser(page: Page, visit: Callable[..., Browser]) -> Browser:
    return visit(page).enter()
