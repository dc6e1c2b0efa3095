"""The address and the token as a user gives them: checked before anything is sent. Pure."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from importer import platform
from importer.errors import Unusable


def read_address(url: str, *, insecure: bool = False) -> str:
    """The address of the API, without a slash at its end: "https://flows.weni.ai/api/v2".

    Takes the server's address with or without the API's path, and that of an endpoint.

    Raises:
        Unusable: it is no address, or plain http to another machine and not `insecure`.
    """
    parts = _split(url)
    if parts.scheme == "http" and not insecure and not is_loopback(parts.hostname or ""):
        raise Unusable("url-not-https", host=parts.hostname)
    before, found, _ = f"{parts.path.rstrip('/')}/".partition(f"{platform.API_PATH}/")
    path = before if found else parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}{platform.API_PATH}"


def _split(url: str) -> SplitResult:
    text = url.strip()
    try:
        parts = urlsplit(text)
        # reading the port checks it; a user name would travel beside the token and stand in messages
        usable = parts.port != 0 and bool(parts.hostname) and "@" not in parts.netloc
        (parts.hostname or "").encode("idna")  # as the system will, before it looks the name up
    except ValueError:
        raise Unusable("url-invalid") from None
    in_ascii = text.isascii() and text.isprintable() and not any(mark in text for mark in ' \\"<>^`{|}')
    if not usable or not in_ascii or parts.scheme not in {"https", "http"} or parts.query or parts.fragment:
        raise Unusable("url-invalid")
    return parts


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_token(token: str) -> str:
    """The token without blanks around it.

    Raises:
        Unusable: it is empty, or has characters that no token has. The error does not hold it.
    """
    text = token.strip()
    if not text or not text.isascii() or not all("!" <= mark <= "~" for mark in text):
        raise Unusable("token-invalid")
    return text


def at_home(address: str, base: str) -> str:
    """The address of the next page at the server that we talk to, as the token is for nobody else.

    Scheme and port are ours: behind a proxy a server may not know its own.

    Raises:
        Unusable: it names another server. ValueError: it is no address.
    """
    home, next_page = urlsplit(base), urlsplit(urljoin(base, address))
    if next_page.hostname != home.hostname:
        raise Unusable("address-differs", host=home.hostname, other=next_page.hostname)
    return urlunsplit(next_page._replace(scheme=home.scheme, netloc=home.netloc, fragment=""))
