"""A practice server for each test, and a player of the scenario files that say how the real one answers."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from msgspec import Struct, field

from importer.sandbox import Sandbox, SandboxOptions

SCENARIOS = Path(__file__).parent / "scenarios"
FREE = SandboxOptions(rates=None)


class Clock(Struct):
    """The present time, and what a test adds to it."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def make_client(sandbox: Sandbox, **options: Any) -> httpx.Client:
    headers = {"Authorization": f"Token {sandbox.token}", "Accept": "application/json"}
    base = f"{sandbox.url}/api/v2/"
    # certificates are not needed, and loading them takes most of a small test's time
    return httpx.Client(base_url=base, headers=headers, timeout=10, trust_env=False, verify=False, **options)


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    clock.ahead = 0.0
    with Sandbox(FREE, clock) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with make_client(sandbox) as client:
        yield client


@pytest.fixture
def connect() -> Iterator[Callable[..., httpx.Client]]:
    """Makes clients of other sandboxes, and closes them."""
    clients: list[httpx.Client] = []

    def make(sandbox: Sandbox, **options: Any) -> httpx.Client:
        clients.append(make_client(sandbox, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def play() -> Callable[[str, Sandbox, Clock, float], list[str]]:
    """Plays a scenario file and tells what did not come as expected."""
    return play_scenario


# ------------------------------------------------------------------------------------------- the player

PLACEHOLDER = re.compile(r"\$\{(\w+)(?::([^}]+))?\}")
TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
    "uuid": lambda v: bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(v))),
    "datetime": lambda v: bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", str(v))),
}


def fill(value: Any, names: dict[str, Any]) -> Any:
    """A scenario's value with ${name} and $times written out."""
    match value:
        case str() if (whole := PLACEHOLDER.fullmatch(value)) and not whole[2]:
            return names[whole[1]]
        case str():
            return PLACEHOLDER.sub(lambda m: format(names[m[1]], m[2] or ""), value)
        case list():
            return [fill(item, names) for item in value]
        case {"$times": count, "text": text}:
            return "".join(fill(text, {**names, "i": i}) for i in range(count))
        case {"$times": count, "item": item}:
            return [fill(item, {**names, "i": i}) for i in range(count)]
        case {"$times": count, "key": key, "value": item}:
            rows = [{**names, "i": i} for i in range(count)]
            return {fill(key, row): fill(item, row) for row in rows}
        case dict():
            return {fill(key, names): fill(item, names) for key, item in value.items()}
    return value


def pick(document: Any, path: str) -> Any:
    """What stands at $.results[0].uuid; LookupError or TypeError where there is nothing."""
    for key, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", path):
        document = document[key] if key else document[int(index)]
    return document


def matches(expected: Any, actual: Any, clock: Clock) -> bool:
    """Whether an answer is as expected: of an object only the named keys count."""

    def same(one: Any, other: Any) -> bool:
        return matches(one, other, clock)

    if isinstance(expected, dict) and any(key.startswith("$") for key in expected):
        ((name, argument),) = expected.items()
        return special(name, argument, actual, clock)
    match expected, actual:
        case dict(), dict():
            return all(key in actual and same(value, actual[key]) for key, value in expected.items())
        case list(), list():
            return len(expected) == len(actual) and all(map(same, expected, actual))
    return type(expected) is type(actual) and bool(expected == actual)


def special(name: str, wanted: Any, actual: Any, clock: Clock) -> bool:
    """One matcher such as {"$len": 2}."""

    def same(one: Any, other: Any) -> bool:
        return matches(one, other, clock)

    def contains() -> bool:
        if isinstance(actual, str):
            return wanted in actual
        items = wanted if isinstance(wanted, list) else [wanted]
        return all(any(same(item, other) for other in actual) for item in items)

    def unordered() -> bool:
        left = list(actual)
        for item in wanted:
            found = [other for other in left if same(item, other)]
            if not found:
                return False
            left.remove(found[0])
        return not left

    matchers: dict[str, Callable[[], bool]] = {
        "$any": lambda: True,
        "$type": lambda: TYPES[wanted](actual),
        "$regex": lambda: isinstance(actual, str) and re.fullmatch(wanted, actual, re.DOTALL) is not None,
        "$len": lambda: isinstance(actual, str | list | dict) and len(actual) == wanted,
        "$keys": lambda: isinstance(actual, dict) and set(actual) == set(wanted),
        "$contains": contains,
        "$unordered": unordered,
        "$every": lambda: bool(actual) and all(same(wanted, item) for item in actual),
        "$iso": lambda: bool(datetime.fromisoformat(str(actual)) == datetime.fromisoformat(wanted)),
        "$now_on": lambda: is_now_on(wanted["date"], wanted["zone"], str(actual), clock),
        "$either": lambda: any(same(option, actual) for option in wanted),
        "$not": lambda: not same(wanted, actual),
    }
    return matchers[name]()


def is_now_on(day: str, zone: str, actual: str, clock: Clock) -> bool:
    """Whether it is that day at the present time of day, two minutes more or less."""
    moment = datetime.fromisoformat(actual)
    now = datetime.fromtimestamp(clock(), datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").tzinfo)
    apart = (moment.replace(tzinfo=None) - now.replace(tzinfo=None)) % timedelta(days=1)
    return moment.date().isoformat() == day and min(apart, timedelta(days=1) - apart) < timedelta(minutes=2)


class Player(Struct):
    """Plays one scenario. settle_s: how far the clock is put forward before contacts are written."""

    client: httpx.Client
    url: str
    clock: Clock
    settle_s: float
    names: dict[str, Any] = field(default_factory=dict)
    changed: bool = False

    def play(self, scenario: dict[str, Any]) -> list[str]:
        problems: list[str] = []
        self.hook("reset", {})
        for number, step in enumerate(scenario["steps"], 1):
            for i, row in enumerate(step.get("each", [{}])):
                problem = self.do(step, {"i": i, **row})
                if problem:
                    problems.append(f"step {number}[{i}] {step.get('title', '')}: {problem}")
        return problems

    def do(self, step: dict[str, Any], row: dict[str, Any]) -> str | None:
        if "prepare" in step:
            self.hook(step["prepare"], fill(step["with"], self.names))
            self.changed = True
            return None
        if "parallel" in step:
            return self.at_once(step, row)
        for i in range(step.get("repeat", 1)):
            names = {**self.names, **row, **({"i": i} if "repeat" in step else {})}
            answer = self.send(fill(step["request"], names), settle=step.get("settle", True))
            problem = self.check(fill(step["expect"], names), answer)
            if problem:
                return f"{problem}; came {answer.status_code} {answer.text[:300]}"
            for name, path in step.get("save", {}).items():
                self.names[name] = pick(answer.json(), path)
        return None

    def hook(self, name: str, body: Any) -> None:
        self.client.post(f"{self.url}/_sandbox/{name}", json=body).raise_for_status()

    def at_once(self, step: dict[str, Any], row: dict[str, Any]) -> str | None:
        count, expect = step["parallel"], step["expect"]
        together = Barrier(count)
        self.settle(step["request"])

        def one(i: int) -> httpx.Response:
            request = fill(step["request"], {**self.names, **row, "i": i})
            together.wait()
            return self.send(request, settle=False)

        with ThreadPoolExecutor(count) as pool:
            answers = list(pool.map(one, range(count)))
        came = Counter(str(answer.status_code) for answer in answers)
        for status, wanted in expect["statuses"].items():
            low, _, high = str(wanted).partition("-")
            here = sum(n for code, n in came.items() if re.fullmatch(status.replace("x", "."), code))
            if wanted != "rest" and not int(low) <= here <= int(high or low):
                return f"expected {expect['statuses']}, came {came}"
            came = Counter({c: n for c, n in came.items() if not re.fullmatch(status.replace("x", "."), c)})
        for answer in answers:
            body = expect.get("bodies", {}).get(str(answer.status_code), {"$any": True})
            if not matches(fill(body, {**self.names, **row}), answer.json(), self.clock):
                return f"expected {body}, came {answer.text}"
        return f"came {came} as well" if came else None

    def settle(self, request: dict[str, Any]) -> None:
        if self.changed and request["method"] == "POST" and request["path"].startswith("contact"):
            self.clock.ahead += self.settle_s
            self.changed = False

    def send(self, request: dict[str, Any], *, settle: bool) -> httpx.Response:
        if settle:
            self.settle(request)
        method, path = request["method"], request["path"]
        url = path if path.startswith("http") else f"{self.url}/api/v2/{path}"
        if "query" in request:
            url += "?" + urlencode(request["query"], quote_via=quote)
        headers = httpx.Headers(self.client.headers)
        content = None
        if "json" in request or "raw" in request:
            headers["Content-Type"] = "application/json"
            content = json.dumps(request["json"]).encode() if "json" in request else None
        if "raw" in request:
            content = str(request["raw"]).encode(request.get("charset", "utf-8"))
        for name, value in request.get("headers", {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        answer = self.client.send(httpx.Request(method, url, headers=headers, content=content))
        if method != "GET" and answer.status_code < 300 and re.match(r"(fields|groups)\b", path):
            self.changed = True
        return answer

    def check(self, expect: dict[str, Any], answer: httpx.Response) -> str | None:
        """What is wrong with an answer."""
        body = None
        with suppress(ValueError):
            body = answer.json()
        if answer.status_code != expect["status"]:
            return f"expected {expect['status']}"
        if expect.get("empty") and answer.content:
            return "expected no body"
        if "error_keys" in expect and not matches({"$keys": expect["error_keys"]}, body, self.clock):
            return f"expected the keys {expect['error_keys']}"
        if "body" in expect and not matches(expect["body"], body, self.clock):
            return f"expected {expect['body']}"
        for name, value in expect.get("header", {}).items():
            if not matches(value, answer.headers.get(name), self.clock):
                return f"expected {name}: {value}"
        for path in expect.get("absent", []):
            with suppress(LookupError, TypeError):
                pick(body, path)
                return f"expected nothing at {path}"
        return None


def play_scenario(name: str, sandbox: Sandbox, clock: Clock, settle_s: float = 0.0) -> list[str]:
    scenario = json.loads((SCENARIOS / name).read_text("utf-8"))
    clock.ahead = 0.0
    with make_client(sandbox, limits=httpx.Limits(max_connections=30)) as client:
        return Player(client, sandbox.url, clock, settle_s).play(scenario)
