"""The page served from this process, somebody who asks it as a browser would, but without one, and a real browser."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from importer.run import Connection
from importer.sandbox import Sandbox
from importer.web import Page, PageOptions

PATIENCE_MS = 300_000
"""A busy machine is no fault of the page."""


class Browser:
    """Asks the page: keeps cookies, follows redirects, says where its forms come from."""

    def __init__(self, page: Page, language: str = "en") -> None:
        self.page = page
        self.client = httpx.Client(
            base_url=page.address,
            follow_redirects=True,
            trust_env=False,
            verify=False,  # nothing is encrypted here, and loading certificates takes longer than most tests
            timeout=PATIENCE_MS / 1000,
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
        found = re.fullmatch(r"(/imports/[0-9a-f]{16})(/\w+)?", answer.url.path)
        assert found, answer.text
        return found[1]

    def until(self, path: str, last: str) -> httpx.Response:
        """The page of an import as soon as nothing is done for it any more."""
        work = self.page.workshop.last_work(path.split("/")[2])
        assert work is None or work.finished.wait(PATIENCE_MS / 1000)
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


# ----------------------------------------------------------------------------------------- a real browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = "WENI_REQUIRE_BROWSER"
TAGS = {"en": "en-US", "pt": "pt-BR", "es": "es-MX"}
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """One browser for all tests."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get(REQUIRED):
            pytest.fail("no Chromium is installed")
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, settled: None) -> Iterator[Callable[..., object]]:
    """A tab with cookies of its own; what it complains about fails the test."""
    opened, complaints = [], []

    def make(language: str = "en"):
        context = chromium.new_context(
            locale=TAGS[language], accept_downloads=True, reduced_motion="reduce", viewport=WIDE
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        made = context.new_page()
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.on(
            "console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None
        )
        return made

    yield make
    for context in opened:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> Callable[[object], None]:
    """Fails for a serious or critical violation of the rules of accessibility.

    The dark page differs from the light one in its colours only, so all but these is looked at once.
    """
    from axe_playwright_python.sync_playwright import Axe

    everything: dict[str, object] = {}
    colours = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}

    def look(tab) -> None:
        grave = []
        for scheme, which in (("dark", colours), ("light", everything)):
            tab.emulate_media(color_scheme=scheme)
            found = Axe().run(tab, options={"resultTypes": ["violations"], **which}).response["violations"]
            grave += [
                (scheme, one["id"], [node["html"][:150] for node in one["nodes"]][:3])
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
        assert grave == [], tab.url

    return look


@pytest.fixture(scope="session")
def fits() -> Callable[[object], None]:
    """Fails where something sticks out sideways on the narrowest screen."""

    def look(tab) -> None:
        tab.set_viewport_size(NARROW)
        wide = tab.evaluate("document.documentElement.scrollWidth")
        tab.set_viewport_size(WIDE)
        assert wide <= NARROW["width"], (tab.url, wide)

    return look
