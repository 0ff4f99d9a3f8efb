"""Which addresses of the outside a person's list may lead to: none of this machine and of the networks around it."""

from __future__ import annotations

import re
import socket
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address

PORTS = frozenset((80, 443))
_LOCAL_NAMES = (
    *("localhost", "local", "internal", "intranet", "lan", "home", "home.arpa", "localdomain", "corp", "svc"),
    "fritz.box",
)
_NUMERIC = re.compile(r"(?:\d+|0[xX][0-9a-fA-F]*)")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_LONGEST_NAME = 253
_TRANSLATED = ip_network("64:ff9b::/96")
_OF_PROTOCOLS = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "5f00::/16")))
_DOTS = str.maketrans("。．｡", "...")


def refusal(url: str) -> str | None:
    """Why an address must not be asked, as far as its text says; None if it may be."""
    try:
        split = urlsplit(url)
        host, port = as_spelled(split.hostname or "").rstrip("."), split.port
    except ValueError as error:
        return f"no address: {error}"
    if split.scheme not in ("http", "https"):
        return f"{split.scheme or 'no'} scheme, and only http and https are asked"
    if split.username is not None or "@" in split.netloc or "\\" in url:
        return "a name or password before the host hides where it leads"
    if port is not None and port not in PORTS:
        return f"port {port}, and only {' and '.join(map(str, sorted(PORTS)))} are asked"
    return _refused_host(host)


def as_spelled(host: str) -> str:
    """A host as names are looked up: compatible letters, digits and dots as the plain ones that they stand for."""
    return host if host.isascii() else unicodedata.normalize("NFKC", host.translate(_DOTS)).translate(_DOTS).lower()


def _refused_host(host: str) -> str | None:
    if not host:
        return "no host"
    if (literal := as_ip(host)) is not None:
        return refused_ip(literal)
    if _NUMERIC.fullmatch(host.rsplit(".", 1)[-1]) or ":" in host or "%" in host:
        return f"{host} is no host"
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return f"{host} is no host"
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        return f"{name[:80]} is no host"
    if "." not in name or name.lower().endswith(tuple(f".{local}" for local in _LOCAL_NAMES)):
        return f"{name} is a name of the local network"
    return None


def as_ip(host: str) -> Address | None:
    """The IP address that a host spells, be it in decimal, octal or hexadecimal parts; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    if not _NUMERIC.fullmatch(host.rsplit(".", 1)[-1]):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def refused_ip(address: Address) -> str | None:
    """Why an IP address must not be connected to; None for one of the public internet."""
    inner = _inside(address) if isinstance(address, IPv6Address) else None
    if inner is not None:
        return refused_ip(inner)
    kinds = {
        "loopback": address.is_loopback,
        "unspecified": address.is_unspecified,
        "link-local": address.is_link_local,
        "multicast": address.is_multicast,
        "private": address.is_private or (isinstance(address, IPv6Address) and address.is_site_local),
        "reserved": address.is_reserved or not address.is_global or any(address in net for net in _OF_PROTOCOLS),
    }
    kind = next((name for name, holds in kinds.items() if holds), None)
    return f"{address} is {kind}" if kind else None


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to: mapped, 6to4, Teredo, translated or compatible."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    number = int(address)
    if address in _TRANSLATED or 1 < number < 2**32:
        return IPv4Address(number & 0xFFFFFFFF)
    return None
