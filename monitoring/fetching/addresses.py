"""Which addresses we let ourselves be sent to: public ones, the few that are allow-listed, nothing inside the house."""

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.outside.addresses import is_loopback, is_public, looked_up
from monitoring.health.words import FetchError
from opinion.models import SourceHealth

PORTS = (80, 443)
MAIL_PORTS = (993,)


def parsed_address(address: str, base: httpx.URL | None = None) -> httpx.URL:
    """The address taken apart, if it is one we would ever call: http or https, with a host, without name and password.

    base  what a redirect's address may be relative to
    Raises FetchError (refused_address) with a sentence for the person who typed it.
    """
    try:
        url = base.join(address) if base else httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        raise _refused(_("This is not an address that can be read.")) from None
    if url.scheme not in ("http", "https"):
        raise _refused(_("Only addresses that begin with http:// or https:// are fetched."))
    if not url.host:
        raise _refused(_("The address names no host."))
    if url.userinfo:
        raise _refused(_("The address carries a user name or password; that is not allowed."))
    return url


def checked_addresses(url: httpx.URL, *, allow_private: bool = False) -> list[str]:
    """The IP addresses behind a URL, each of them allowed: connect to these and never ask the name again.

    url            from `parsed_address`
    allow_private  this machine's own addresses are allowed too, on any port (`poll --allow-private`)
    Raises FetchError: refused_address where any address is not global or the port is unusual and neither is
    allow-listed in FETCH_ALLOWED_HOSTS ("rsshub:1200"); unreachable where the name is not known.
    """
    host, port = url.raw_host.decode("ascii").lower(), url.port or {"http": 80, "https": 443}[url.scheme]
    return _checked(host, port, PORTS, allow_private=allow_private)


def checked_mail_server(host: str, port: int) -> list[str]:
    """The same for a mail server: its usual port is that of IMAP over TLS. Raises FetchError."""
    return _checked(host.lower(), port, MAIL_PORTS)


def _checked(host: str, port: int, ports: tuple[int, ...], *, allow_private: bool = False) -> list[str]:
    listed = {entry.lower() for entry in settings.FETCH_ALLOWED_HOSTS}
    found = _looked_up(host, port)
    if f"{host}:{port}" in listed or (port in ports and host in listed):
        return found
    if allow_private and all(is_loopback(address) for address in found):
        return found
    if not all(is_public(address) for address in found):
        raise _refused(
            _("%(host)s is not a public address. Only public ones are fetched; an administrator can allow it.")
            % {"host": host}
        )
    if port not in ports and ports == MAIL_PORTS:
        raise _refused(_("Port %(port)s is not allowed: only 993 is, IMAP over TLS.") % {"port": port})
    if port not in ports:
        raise _refused(_("Port %(port)s is not allowed: only 80 and 443 are.") % {"port": port})
    return found


def _looked_up(host: str, port: int) -> list[str]:
    found = looked_up(host, port)
    if not found:
        raise FetchError(SourceHealth.UNREACHABLE, _("The name %(host)s cannot be found.") % {"host": host})
    return found


def _refused(words: str) -> FetchError:
    return FetchError(SourceHealth.REFUSED_ADDRESS, words)
