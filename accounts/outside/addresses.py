"""Which addresses are public, and which lie inside the house, or inside somebody's cloud."""

import ipaddress
import queue
import socket
import threading

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
DNS_SECONDS = 5
# Public by the book, and the inside of somebody's cloud: 192.0.0.192 and 168.63.129.16 hand out credentials there.
OF_CLOUDS = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("168.63.129.16/32"))
# IPv6 addresses that carry an IPv4 one in their last four bytes.
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


def looked_up(host: str, port: int) -> list[str]:
    """Every address of a name, [] when it is not known: connect to one of these and never ask the name again.

    The system's resolver knows no time limit, so a thread that may be late asks it.
    """
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=DNS_SECONDS)
    except queue.Empty:
        return []


def is_public(address: str) -> bool:
    ip = _carried(address)
    inside = ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local or ip.is_unspecified
    inside = inside or any(ip in network for network in OF_CLOUDS)
    return ip.is_global and not inside and not (ip.version == 6 and ip.is_site_local)


def is_loopback(address: str) -> bool:
    return _carried(address).is_loopback


def _carried(address: str) -> IPAddress:
    """The address meant: the IPv4 one where an IPv6 address only wraps it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if any(ip in network for network in NAT64):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
