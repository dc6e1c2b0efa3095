"""Who gets in, from where, and what nobody gets: each test fails if its guard is taken out."""

import http.client
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest

from importer.cli import main
from importer.errors import Unusable
from importer.run import Connection
from importer.web import Page, PageOptions
from importer.web.guard import HEADERS, OPEN

LINES = "Name,URN:Tel,Groups\nAna Exemplo,+5582900000001,VIP\nBia Modelo,+5582900000002,\n"
DIRTY = LINES + "Caio Torto,123,\n"

PATHS = (
    "/",
    "/template.xlsx",
    "/imports/0123456789abcdef/check",
    "/files/other",
    "/imports/0123456789abcdef/events",
)


def raw(page: Page, method: str = "GET", path: str = "/", **headers: str) -> httpx.Response:
    """A request as it stands, without cookies."""
    with httpx.Client(base_url=page.address, trust_env=False, verify=False) as client:
        return client.request(method, path, headers=headers)


def test_it_listens_on_this_machine_only(page):
    assert urlsplit(page.address).hostname == "127.0.0.1"
    assert page._listener.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("path", PATHS)
def test_without_the_secret_nobody_gets_in(path, page):
    answer = raw(page, path=path)
    assert answer.status_code == 403
    assert "/connect" not in answer.text
    assert raw(page, path=f"{path}?key=wrong").status_code == 403
    assert raw(page, path=f"{path}?key=").status_code == 403


def test_only_what_says_nothing_is_open(page):
    assert [raw(page, path=path).status_code for path in sorted(OPEN)] == [200, 200, 200]


def test_the_secret_becomes_a_cookie_that_no_script_and_no_other_site_can_use(page):
    answer = raw(page, path=urlsplit(page.url).path + "?" + urlsplit(page.url).query)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    secret = urlsplit(page.url).query.partition("=")[2]
    assert secret not in cookie
    assert len(secret) >= 32


def test_the_way_on_stays_here(page):
    query = urlsplit(page.url).query
    for path in ("//evil.example", "/\\evil.example", "///evil.example"):
        with httpx.Client(trust_env=False, verify=False) as client:
            request = client.build_request("GET", page.address)
            request.url = request.url.copy_with(raw_path=f"{path}?{query}".encode())
            location = client.send(request).headers["location"]
        assert re.match(r"/[^/\\]", location)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.7", "", "a@127.0.0.1@b"]
)
def test_a_name_that_somebody_points_here_is_refused(host, page, browser):
    """DNS rebinding: the browser believes to be at the other site, and brings no cookie, but would be answered."""
    cookie = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    assert raw(page, host=host, cookie=cookie).status_code in (400, 421)
    assert raw(page, cookie=cookie).status_code == 200


@pytest.mark.parametrize(
    "origin", [{}, {"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1:1"}]
)
def test_what_another_site_sends_is_refused(origin, page, browser):
    cookie = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    for path in ("/leave", "/imports", "/connect", "/language"):
        assert raw(page, "POST", path, cookie=cookie, **origin).status_code == 403
    assert raw(page, "POST", "/leave", cookie=cookie, origin=page.address.rstrip("/")).status_code == 303


def test_every_answer_forbids_scripts_in_the_page(page, browser):
    for answer in (raw(page), browser.get("/"), browser.get("/files/app.js"), browser.get("/nothing")):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
    policy = HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    for part in ("default-src 'none'", "script-src 'self';", "form-action 'self'", "base-uri 'none'"):
        assert part in policy
    assert "frame-ancestors 'none'" in policy
    assert HEADERS["x-content-type-options"] == "nosniff"
    assert HEADERS["x-frame-options"] == "DENY"
    assert HEADERS["cross-origin-resource-policy"] == "same-origin"
    assert HEADERS["cross-origin-opener-policy"] == "same-origin"
    assert HEADERS["referrer-policy"] in ("same-origin", "strict-origin")
    assert HEADERS["cache-control"] == "no-store"


def test_no_page_has_a_script_or_a_style_in_it(browser):
    here = browser.bring(DIRTY)
    for path in ("/", f"{here}/columns", f"{here}/check"):
        text = browser.get(path).text
        assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=|javascript:", text)
        assert not re.search(r"(?:src|href|action)=\"https?:", text)


NASTY = "<img src=x onerror=alert(1)>\"'</script>"


def test_a_cell_stays_text(browser):
    """In every step, and so do a header and the name of the file."""
    quoted = NASTY.replace('"', '""')
    content = f'Name,URN:Tel,"{quoted}"\n"{quoted}",+5582900000001,"{quoted}"\n"{quoted}","{quoted}",\n'
    name = "<b>x<b>.csv"
    here = browser.bring(content, name)
    pages = [browser.get("/"), browser.get(f"{here}/columns")]
    browser.post(f"{here}/columns", data={})
    pages += [browser.until(f"{here}/check", "check"), browser.get(f"{here}/check?open=2")]
    pages += [browser.post(f"{here}/cells", data={"cell-3-A": f"{NASTY}!"}, headers={"x-part": "1"})]
    browser.post(f"{here}/plan")
    pages.append(browser.until(f"{here}/plan", "plan"))
    browser.post(f"{here}/import")
    pages += [browser.until(here, "result"), browser.get(f"{here}/result?show=created")]
    for page in pages:
        assert page.status_code == 200, page.url
        assert "<img src=x" not in page.text
        assert "<b>x" not in page.text
    assert sum("&lt;img src=x" in page.text for page in pages) >= 6
    assert all("&lt;b&gt;x" in page.text for page in pages[:4])


def test_the_token_is_never_shown_again(page, browser, sandbox, visit):
    fresh = visit(page).enter()
    fresh.post("/leave")
    token = "secret-token-of-nobody"
    refused = fresh.post("/connect", data={"with": "token", "url": sandbox.url, "token": token})
    assert (refused.status_code, token in refused.text) == (422, False)
    here = browser.bring(LINES)
    for path in ("/", f"{here}/columns", f"{here}/check", f"{here}/mapping.toml"):
        assert f'"{sandbox.token}"' not in browser.get(path).text
    state = page.workshop.folder
    kept = [path for path in state.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    assert kept == []


@pytest.mark.skipif(os.name != "posix", reason="access is another matter there")
def test_a_token_is_kept_only_if_asked_and_for_its_owner_only(state, sandbox, visit):
    sandbox_token = sandbox.token
    with Page(PageOptions(port=0, state=state)) as page:
        browser = visit(page).enter()
        data = {"with": "token", "url": sandbox.url, "token": sandbox_token}
        browser.post("/connect", data=data)
        kept = state / "web" / "connection.json"
        assert not kept.exists()
        browser.post("/leave")
        browser.post("/connect", data={**data, "keep": "1"})
        assert sandbox_token in kept.read_text()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        shown = browser.post("/leave").text
        assert sandbox.url in shown
        assert "drop-title" in browser.post("/connect", data={"with": "saved"}).text
        browser.post("/leave", data={"forget": "1"})
        assert not kept.exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.csv",
        "..\\..\\evil.csv",
        "/etc/passwd",
        "a/../../b.csv",
        ".csv",
        "x" * 500 + ".csv",
        "con.csv",
        "a\x00b.csv",
    ],
)
def test_an_upload_lies_under_a_name_of_ours(name, page, browser):
    here = browser.bring(LINES, name)
    folder = page.workshop.folder
    inside = {path.relative_to(folder).parts[-1] for path in folder.rglob("*") if path.is_file()}
    locks = {"jobs.lock", "page.lock", "page.lock-journal"}
    assert inside <= {"input.csv", "input", "desk.json", "grid.db"} | locks
    assert len(browser.get("/").text.split("past-name")[1]) < 3_000
    assert "/" not in page.workshop.desk(here.split("/")[2], page_workspace(page)).title


def page_workspace(page: Page):
    from importer.run import workspace_of

    return workspace_of(page.options.connection)


@pytest.mark.skipif(os.name != "posix", reason="access is another matter there")
def test_nobody_else_on_this_machine_can_read_what_is_brought(page, browser):
    browser.import_all(DIRTY)
    open_to_others = [
        path.name
        for path in page.workshop.folder.glob("**/*")
        if stat.S_IMODE(path.parent.stat().st_mode) & 0o077
    ]
    assert open_to_others == []


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_may_not_be_too_large(chunked, state, sandbox, visit):
    """Whether its size is told beforehand or not; nothing of it stays."""
    connection = Connection(sandbox.url, sandbox.token, settle_s=0)
    with Page(PageOptions(port=0, state=state, connection=connection, upload_max=100_000)) as page:
        browser = visit(page).enter()
        body = (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            + b"Name\n" * 40_000
            + b"\r\n--x--\r\n"
        )
        headers = {"content-type": "multipart/form-data; boundary=x"}
        content = iter([body[:60_000], body[60_000:]]) if chunked else body
        answer = browser.post("/imports", content=content, headers=headers)
        assert answer.status_code == 413
        assert list((state / "web").glob("*/input*")) == []
        assert browser.bring(LINES)


def test_what_says_to_be_too_large_is_not_even_read(page, browser):
    cookie = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    asking = http.client.HTTPConnection("127.0.0.1", page.port, timeout=60)
    asking.putrequest("POST", "/imports", skip_accept_encoding=True)
    for name, value in {
        "cookie": cookie,
        "origin": page.address.rstrip("/"),
        "content-type": "multipart/form-data; boundary=x",
        "content-length": str(page.options.upload_max + 1_000_000),
    }.items():
        asking.putheader(name, value)
    asking.endheaders()
    assert asking.getresponse().status == 413
    asking.close()


def test_no_path_leads_out_of_the_report(page, browser):
    result = browser.import_all(DIRTY)
    here = result.url.path.rpartition("/")[0]
    assert browser.get(f"{here}/report/failed.xlsx").status_code == 200
    (page.workshop.folder / here.split("/")[2] / "report" / "other.txt").write_text("targets")
    for path in (
        "report/other.txt",
        "report/../desk.json", "report/..%2fdesk.json", "report/%2e%2e%2fdesk.json", "report/desk.json",
        "report/%2fetc%2fpasswd", "../../etc/passwd", "../%2e%2e/connection.json",
    ):  # fmt: skip
        request = browser.client.build_request("GET", here)
        request.url = request.url.copy_with(raw_path=f"{here}/{path}".encode())
        answer = browser.client.send(request, follow_redirects=True)
        assert answer.status_code in (404, 405), path
        assert "targets" not in answer.text


@pytest.mark.parametrize("key", ["..", "%2e%2e", "connection.json", "mappings", "0" * 16])
def test_no_name_but_that_of_an_import_is_one(key, page, browser):
    """Not even where there is the like of an import under that name."""
    here = browser.bring(LINES)
    desk, web = page.workshop.folder / here.split("/")[2], page.workshop.folder
    (web / "mappings").mkdir(exist_ok=True)
    for folder in (web.parent, web / "mappings"):
        shutil.copy(desk / "desk.json", folder)
    request = browser.client.build_request("GET", here)
    request.url = request.url.copy_with(raw_path=f"/imports/{key}/columns".encode())
    assert browser.client.send(request).status_code in (404, 405)


def test_files_belong_to_the_workspace_that_one_is_connected_with(page, browser, visit):
    """Whoever is connected with another one neither sees nor reaches them."""
    here = browser.bring(LINES, "ours.csv")
    stranger = visit(page).enter()
    stranger.post("/leave")
    assert stranger.get(f"{here}/check").url.path == "/"
    assert "ours.csv" not in stranger.post("/connect", data={"with": "practice"}).text
    assert stranger.get(f"{here}/check").status_code == 404


# ----------------------------------------------------------------------------------------- other machines


def test_the_password_is_shown_nowhere():
    options = PageOptions(password="let me in", connection=Connection("http://127.0.0.1:1", "a-secret-token"))
    shown = repr((options, options.__rich_repr__()))
    assert "let me in" not in shown
    assert "a-secret-token" not in shown
    assert "127.0.0.1" in shown


def test_other_machines_need_a_password(state):
    with pytest.raises(Unusable) as caught:
        Page(PageOptions(host="0.0.0.0", port=0, state=state))
    assert caught.value.key == "web-needs-password"


@pytest.fixture
def exposed(state, sandbox, monkeypatch):
    monkeypatch.setattr("importer.web.guard.GUESS_S", 0.01)
    connection = Connection(sandbox.url, sandbox.token, settle_s=0)
    with Page(PageOptions("0.0.0.0", 0, "let me in", connection, state=state)) as page:
        yield page


def test_the_password_lets_in_and_nothing_else_does(exposed, visit):
    browser = visit(exposed)
    asked = browser.get("/")
    assert (asked.status_code, 'type="password"' in asked.text) == (401, True)
    for wrong in ("", "let me i", "LET ME IN"):
        assert browser.post("/enter", data={"password": wrong}).status_code == 403
    assert browser.get("/").status_code == 401
    entered = browser.post("/enter", data={"password": "let me in"})
    assert (entered.status_code, entered.url.path) == (200, "/")


def test_a_wrong_password_is_answered_late(exposed, monkeypatch, visit):
    """By then whoever guesses has lost patience; the right one is answered at once."""
    monkeypatch.setattr("importer.web.guard.GUESS_S", 300.0)
    with pytest.raises(httpx.ReadTimeout):
        visit(exposed).post("/enter", data={"password": "x"}, timeout=1.0)


def test_over_the_network_an_address_is_a_name_and_a_strange_name_is_not(exposed):
    assert raw(exposed, host=f"10.0.0.7:{exposed.port}").status_code == 401
    assert raw(exposed, host="evil.example").status_code == 421


COMMAND = [sys.executable, "-m", "importer", "web", "--no-browser", "--port", "0", "--lang", "en"]
OTHERS = ("--host", "0.0.0.0", "--password-file")


def refused(arguments: list[str]) -> object:
    """What the command ends with."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code


@pytest.mark.parametrize(
    ("content", "mode", "told"), [("", 0o600, "empty"), ("let me in", 0o644, "other users")]
)
def test_a_password_that_is_none_or_that_others_can_read_is_refused(content, mode, told, tmp_path, capsys):
    password = tmp_path / "password"
    password.write_text(content)
    password.chmod(mode)
    assert refused([*COMMAND[3:], *OTHERS, str(password)]) == 2
    assert told in capsys.readouterr().err


def test_other_machines_are_not_let_in_without_a_password_file(capsys):
    assert refused([*COMMAND[3:], "--host", "0.0.0.0"]) == 2
    assert "--password-file" in capsys.readouterr().err


def test_the_command_says_what_other_machines_mean(tmp_path, state):
    password = tmp_path / "password"
    password.write_text("let me in")
    password.chmod(0o600)
    command = [*COMMAND, *OTHERS, str(password)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert "http://0.0.0.0" in process.stdout.readline() + process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert "The connection is not encrypted" in process.stderr.read()
        assert process.wait(60) == 0
