"""What can go wrong between us and the server: told apart by what was sent, and by what a person would do."""

import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum

import httpx


class Fault(StrEnum):
    """What failed; "error.unavailable-<value>" is its sentence."""

    HOST_NOT_FOUND = "host-not-found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    TLS = "tls"
    PROXY = "proxy"
    TIMED_OUT = "timed-out"
    DROPPED = "dropped"
    SERVER_ERROR = "server-error"
    GARBLED = "garbled"
    THROTTLED = "throttled"


class Failure(Exception):
    """One request failed in a way that may pass; never leaves this package.

    sent: whether the server may have carried it out. status: of the answer, if there was one.
    took_s: seconds from sending to failing. reason: more about it, without addresses.
    """

    def __init__(
        self, fault: Fault, *, sent: bool, status: int | None = None, took_s: float = 0.0, reason: str = ""
    ) -> None:
        super().__init__(fault)
        self.fault = fault
        self.sent = sent
        self.status = status
        self.took_s = took_s
        self.reason = reason

    @classmethod
    def of(cls, error: httpx.RequestError, took_s: float) -> "Failure":
        """What an exception of httpx means. Of its own text nothing is kept: it may name an address."""
        match error:
            case httpx.ConnectTimeout() | httpx.PoolTimeout():
                return cls(Fault.TIMED_OUT, sent=False, took_s=took_s)
            case httpx.ProxyError():
                return cls(Fault.PROXY, sent=False, took_s=took_s)
            case httpx.ConnectError():
                fault, reason = _why_no_connection(error)
                return cls(fault, sent=False, took_s=took_s, reason=reason)
            case httpx.TimeoutException():
                return cls(Fault.TIMED_OUT, sent=True, took_s=took_s)
            case httpx.DecodingError():
                return cls(Fault.GARBLED, sent=True, took_s=took_s)
            case _:
                return cls(Fault.DROPPED, sent=True, took_s=took_s)


def _why_no_connection(error: BaseException) -> tuple[Fault, str]:
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return Fault.CERTIFICATE, str(cause.verify_message)
            case ssl.SSLError():
                return Fault.TLS, ""
            case socket.gaierror():
                return Fault.HOST_NOT_FOUND, ""
            case ConnectionRefusedError():
                return Fault.REFUSED, ""
            case _:
                pass
    return Fault.UNREACHABLE, ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
