"""One request and its answer: sent in its turn, repeated where that does no harm, judged by its answer."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx

from importer.api.calls import Call, Repeat, Reply, Requests
from importer.api.faults import Failure, Fault
from importer.api.lending import Lending
from importer.api.pace import Pace
from importer.api.patience import Patience, read_retry_after
from importer.api.refusal import Refusal, refusal
from importer.api.waits import Waiter
from importer.errors import Failing, Missing, NotAllowed, Rejected, Unavailable, Unsettled, Unusable

T = TypeVar("T")

TIMEOUTS_S = {"connect": 10.0, "write": 30.0, "read": 60.0, "pool": 60.0}
"""Of connecting, and of each piece sent or received."""
WHOLE_ANSWER_S = 300.0
"""An answer that trickles in is given up after this."""
STUBBORN = 10
"""After so many failures it is asked whether the server fails on this request only."""
RETRY_SETTLE_S = 1.0
"""The least to wait where a new field or group is not known yet."""
NOT_COUNTED = (403, 406, 429)
"""Answers to requests that draw on no budget."""


class Exchange:
    """Talks with one server for one token; safe to share between threads.

    base: the API's address without a slash at its end. headers: of every request. settle_s: for so long after a field
    or group was made no contact is written.
    """

    def __init__(
        self,
        http: Lending,
        base: str,
        headers: Mapping[str, str],
        waiter: Waiter,
        paces: Mapping[str, Pace],
        settle_s: float,
        random: Callable[[], float],
    ) -> None:
        self._http = http
        self._base = base
        self._headers = httpx.Headers(headers)
        self._headers_of_body = httpx.Headers({**headers, "Content-Type": "application/json"})
        self._waiter = waiter
        self._paces = paces
        self._settle_s = settle_s
        self._random = random
        self._lock = threading.Lock()
        self._settled_at = float("-inf")
        self._met = False
        self._requests = Requests()

    @property
    def host(self) -> str:
        """The server's name, with its port if that is a special one."""
        return httpx.URL(self._base).netloc.decode("ascii")

    @property
    def requests(self) -> Requests:
        """What has been sent so far."""
        return self._requests

    def perform(self, call: Call, read: Callable[[Reply], T]) -> T:
        """Send the request until it is answered well, and return what `read` makes of the answer.

        read: raises ValueError if the answer is not what it should be.

        Raises:
            Rejected, Missing: the server will not do it.
            Unsettled: it may be done, and sending it again could do it twice.
            Failing: the server fails on this request only.
            NotAllowed, Unavailable, Unusable, Interrupted: nothing else will go well either.
        """
        patience = Patience(self._random)
        lost = False  # an answer, so that it may be done by now
        while True:
            try:
                reply = self._send(call)
                if reply.status == 429:
                    self._hold_back(call, reply, patience)
                    continue
                value = self._judge(call, reply, read)
            except Failure as failure:
                lost = lost or failure.sent
                self._bear(call, failure, patience)
            except Rejected as error:
                if refusal(error).why is not Refusal.NOT_SETTLED or not patience.after_not_settled():
                    raise
                self._waiter.wait(max(self._settle_s, RETRY_SETTLE_S), "settling", call.scope)
            except Missing:
                if lost and call.repeat is Repeat.UNTIL_GONE:
                    return read(Reply(204, httpx.Headers(), b"", 0.0))
                raise
            else:
                if call.makes_fresh:
                    self._settle_from_now()
                return value

    # ------------------------------------------------------------------------------------------- sending

    def _send(self, call: Call) -> Reply:
        """Send it once, in its turn; Failure if no whole answer came."""
        if call.uses_fresh:
            self._await_settled(call)
        self._waiter.check()
        pace = self._paces[call.scope]
        taken = pace.take()
        try:
            reply = self._exchange(call)
        except Failure as failure:
            if failure.sent:
                self._count(call)
            else:
                pace.give_back(taken)
            raise
        self._count(call)
        if reply.status in NOT_COUNTED:
            pace.give_back(taken)
        return reply

    def _exchange(self, call: Call) -> Reply:
        # by the wall, as the timeouts are: the waiter's clock may leap while other threads wait
        request, started = self._request(call), time.monotonic()

        def took_s() -> float:
            return time.monotonic() - started

        try:
            with self._http.lend() as http:
                response = http.handle_request(request)
                try:
                    content = _read_whole(response, took_s)
                finally:
                    response.close()
        except httpx.RequestError as error:
            raise Failure.of(error, took_s()) from None
        return Reply(response.status_code, response.headers, content, took_s())

    def _request(self, call: Call) -> httpx.Request:
        address = call.address or f"{self._base}/{call.endpoint}.json"
        if call.query:
            address += "?" + urlencode(call.query, quote_via=quote)
        url, extensions = _url(address), {"timeout": TIMEOUTS_S}
        if call.body is None:
            return httpx.Request(call.method, url, headers=self._headers, extensions=extensions)
        content = json.dumps(call.body, allow_nan=False).encode("ascii")
        return httpx.Request(
            call.method, url, headers=self._headers_of_body, content=content, extensions=extensions
        )

    def _count(self, call: Call) -> None:
        with self._lock:
            reads, writes = self._requests.reads, self._requests.writes
            reading = call.method == "GET"
            self._requests = Requests(reads + reading, writes + (not reading))

    # ------------------------------------------------------------------------------------------- judging

    def _judge(self, call: Call, reply: Reply, read: Callable[[Reply], T]) -> T:
        """The value of a good answer; the error that a bad one is."""
        if 200 <= reply.status < 300:
            try:
                value = read(reply)
            except ValueError:  # its text would quote the answer
                raise _failure(Fault.GARBLED, reply) from None
            self._met = True
            return value
        if reply.status >= 500 or reply.status == 408:
            raise _failure(Fault.SERVER_ERROR, reply)
        body = _read_object(reply.content)
        if reply.status in (401, 403) and (body is not None or self._met):
            raise NotAllowed("not-allowed", url=self.host)
        if body is None or reply.status < 400:
            raise _failure(Fault.GARBLED, reply)
        self._met = True
        raise Missing("missing") if reply.status == 404 else Rejected(body, call.name)

    # ---------------------------------------------------------------------------------- waiting and giving up

    def _bear(self, call: Call, failure: Failure, patience: Patience) -> None:
        """Wait before the next try, or raise what the failure comes to."""
        if failure.sent:
            if call.makes_fresh:
                self._settle_from_now()
            if call.repeat is Repeat.NEVER:
                raise Unsettled("unsettled", fault=str(failure.fault), status=failure.status) from None
        pause_s = patience.after_failure(failure, met=self._met)
        if pause_s is None:
            raise self._given_up(failure) from None
        may_be_it = failure.sent and patience.failures >= STUBBORN
        if may_be_it and self._answers_others() and patience.after_suspicion():
            raise Failing(
                "failing",
                fault=str(failure.fault),
                status=failure.status or failure.fault,
                reason=failure.reason,
            ) from None
        self._waiter.wait(pause_s, "fault", call.scope, failure.fault)

    def _given_up(self, failure: Failure) -> Unavailable | Unusable:
        if failure.fault is Fault.GARBLED and not self._met:
            return Unusable("not-the-platform", host=self.host)
        return Unavailable(
            f"unavailable-{failure.fault}", host=self.host, status=failure.status, reason=failure.reason
        )

    def _answers_others(self) -> bool:
        """Whether the server answers an easy question just now; False if it may not be asked."""
        probe = Call("workspace", "GET", "workspace")
        if not self._met or not self._paces[probe.scope].is_free():
            return False
        try:
            return self._send(probe).status == 200
        except Failure:
            return False

    def _hold_back(self, call: Call, reply: Reply, patience: Patience) -> None:
        """Let nothing of this budget leave for as long as the server asks."""
        asked_s = read_retry_after(reply.headers.get("Retry-After"), reply.headers.get("Date"))
        pause_s = patience.after_throttle(asked_s)
        if pause_s is None:
            raise Unavailable(f"unavailable-{Fault.THROTTLED}", host=self.host)
        self._paces[call.scope].note_others()
        self._paces[call.scope].hold(pause_s)

    # ---------------------------------------------------------------------------------------- settling

    def _settle_from_now(self) -> None:
        with self._lock:
            self._settled_at = max(self._settled_at, self._waiter.clock() + self._settle_s)

    def _await_settled(self, call: Call) -> None:
        while (left_s := self._settled_at - self._waiter.clock()) > 0:
            self._waiter.wait(left_s, "settling", call.scope)


@lru_cache(maxsize=16)  # reading an address takes longer than all else of a request
def _url(address: str) -> httpx.URL:
    return httpx.URL(address)


def _failure(fault: Fault, reply: Reply) -> Failure:
    return Failure(fault, sent=True, status=reply.status, took_s=reply.took_s)


def _read_whole(response: httpx.Response, took_s: Callable[[], float]) -> bytes:
    chunks = []
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        if took_s() > WHOLE_ANSWER_S:
            raise Failure(Fault.TIMED_OUT, sent=True, status=response.status_code, took_s=took_s())
    return b"".join(chunks)


def _read_object(content: bytes) -> dict[str, object] | None:
    try:
        read = json.loads(content)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
