"""Whatever fails between us and the server has a sentence."""

import httpx
import pytest

from importer.api.faults import Failure, Fault
from importer.errors import Unavailable
from importer.messages import catalogue


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_told_in_words_that_name_the_host(fault: Fault) -> None:
    error = Unavailable(f"unavailable-{fault}", host="flows.example.com", status=502, reason="expired")
    assert "flows.example.com" in catalogue().explain(error)


@pytest.mark.parametrize(
    ("error", "fault", "sent"),
    [
        (httpx.ConnectTimeout("x"), Fault.TIMED_OUT, False),
        (httpx.PoolTimeout("x"), Fault.TIMED_OUT, False),
        (httpx.ConnectError("x"), Fault.UNREACHABLE, False),
        (httpx.ProxyError("x"), Fault.PROXY, False),
        (httpx.ReadTimeout("x"), Fault.TIMED_OUT, True),
        (httpx.WriteTimeout("x"), Fault.TIMED_OUT, True),
        (httpx.ReadError("x"), Fault.DROPPED, True),
        (httpx.WriteError("x"), Fault.DROPPED, True),
        (httpx.CloseError("x"), Fault.DROPPED, True),
        (httpx.RemoteProtocolError("x"), Fault.DROPPED, True),
        (httpx.DecodingError("x"), Fault.GARBLED, True),
    ],
)
def test_only_what_fails_before_sending_counts_as_not_sent(
    error: httpx.RequestError, fault: Fault, sent: bool
) -> None:
    failure = Failure.of(error, 1.5)
    assert (failure.fault, failure.sent, failure.took_s) == (fault, sent, 1.5)
