"""Which addresses lead outside, and which are refused."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address

from crawlers.address_guard import GuardedResolver
from crawlers.addresses import as_ip, refusal, refused_ip


@pytest.mark.parametrize(
    "url",
    [
        "https://boutique.example/p/1",
        "http://boutique.example:80/p/1?x=http://127.0.0.1/",
        "https://boutique.example:443/",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]/",
        "https://متجر.example/p",
        "https://xn--mgbb9fbpob.example/p",
        "https://3dprint.example/1",
    ],
)
def test_what_leads_outside_passes(url: str) -> None:
    assert refusal(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/", "loopback"),
        ("http://127.8.9.10/", "loopback"),
        ("http://127.1/", "loopback"),
        ("http://2130706433/", "loopback"),
        ("http://0x7f000001/", "loopback"),
        ("http://0x7f.0.0.1/", "loopback"),
        ("http://017700000001/", "loopback"),
        ("http://0177.0.0.1/", "loopback"),
        ("http://127.0.0.1./", "loopback"),
        ("http://0.0.0.0/", "unspecified"),
        ("http://0/", "unspecified"),
        ("http://10.0.0.8/", "private"),
        ("http://172.16.3.4/", "private"),
        ("http://192.168.1.1/", "private"),
        ("http://169.254.169.254/latest/meta-data/", "link-local"),
        ("http://100.64.0.1/", "reserved"),
        ("http://198.18.0.1/", "private"),
        ("http://192.0.2.1/", "private"),
        ("http://192.0.0.8/", "reserved"),
        ("http://192.88.99.1/", "reserved"),
        ("http://[64:ff9b:1::7f00:1]/", "reserved"),
        ("http://[5f00::1]/", "reserved"),
        ("http://①②⑦.⓪.⓪.①/", "loopback"),
        ("http://127。0。0。1/", "loopback"),
        ("http://１２７．０．０．１/", "loopback"),
        ("http://ⓛocalhost/", "local network"),
        ("http://router。local/", "local network"),
        ("http://db.default.svc/", "local network"),
        ("http://wiki.corp/", "local network"),
        ("http://224.0.0.1/", "multicast"),
        ("http://240.0.0.1/", "private"),
        ("http://255.255.255.255/", "private"),
        ("http://[::1]/", "loopback"),
        ("http://[::]/", "unspecified"),
        ("http://[fe80::1]/", "link-local"),
        ("http://[fe80::1%25eth0]/", ""),
        ("http://[fc00::1]/", "private"),
        ("http://[fec0::1]/", "private"),
        ("http://[ff02::1]/", "multicast"),
        ("http://[2001:db8::1]/", "private"),
        ("http://[::ffff:127.0.0.1]/", "loopback"),
        ("http://[::ffff:7f00:1]/", "loopback"),
        ("http://[::127.0.0.1]/", "loopback"),
        ("http://[64:ff9b::7f00:1]/", "loopback"),
        ("http://[2002:7f00:1::]/", "loopback"),
        ("http://[2002:c0a8:101::1]/", "private"),
        ("http://localhost/", "local network"),
        ("http://LOCALHOST./", "local network"),
        ("http://shop.localhost/", "local network"),
        ("http://printer.local/", "local network"),
        ("http://metadata.google.internal/", "local network"),
        ("http://intranet/", "local network"),
        ("http://boutique.example@127.0.0.1/", "hides"),
        ("http://user:secret@boutique.example/", "hides"),
        ("http://boutique.example\\@127.0.0.1/", "hides"),
        ("http://boutique.example:8080/", "port 8080"),
        ("http://boutique.example:22/", "port 22"),
        ("http://boutique.example:99999/", "no address"),
        ("ftp://boutique.example/", "ftp scheme"),
        ("file:///etc/passwd", "file scheme"),
        ("data:text/html,x", "data scheme"),
        ("//boutique.example/", "no scheme"),
        ("http:///p/1", "no host"),
        ("http://[::1/", "no address"),
        ("http://1.2.3.4.5/", "no host"),
        ("http://0x/", ""),
        ("http://-a.example/", "no host"),
        ("http://a..example/", "no host"),
        (f"http://{'a' * 64}.example/", "no host"),
        (f"http://{'a.' * 130}example/", "no host"),
    ],
)
def test_what_leads_elsewhere_is_refused_with_its_reason(url: str, why: str) -> None:
    reason = refusal(url)
    assert reason
    assert why in reason


@given(st.integers(0, 2**32 - 1))
def test_every_spelling_of_an_ip_address_is_the_same_address(number: int) -> None:
    address = ip_address(number)
    for spelled in (str(address), str(number), hex(number), f"0{number:o}", f"[::ffff:{address}]"):
        assert (refusal(f"http://{spelled}/") is None) == (refused_ip(address) is None)
    assert as_ip(str(number)) == as_ip(hex(number)) == address


@given(st.text(max_size=60))
def test_no_text_breaks_the_judgement(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}/x", f"https://a.example:{text}/"):
        assert refusal(url) is None or isinstance(refusal(url), str)


class Answers:
    """Answers every name with the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *_: Any) -> None:  # noqa: N802
        receiver.resolutionBegan(None)
        for address in self.addresses:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()


class Receiver:
    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete = False

    def resolutionBegan(self, _: object) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.complete = True


@pytest.mark.parametrize(
    ("answers", "passed"),
    [
        (["93.184.215.14"], True),
        (["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"], True),
        (["127.0.0.1"], False),
        (["93.184.215.14", "10.0.0.1"], False),
        (["::1"], False),
        (["93.184.215.14", "::ffff:192.168.0.1"], False),
        (["fe80::1%eth0"], False),
        ([], True),
    ],
)
def test_a_name_resolves_to_all_of_its_addresses_or_to_none(answers: list[str], passed: bool) -> None:
    resolver, receiver = GuardedResolver(Answers(*answers)), Receiver()
    resolver.resolveHostName(receiver, "shop.example", 443)
    assert receiver.complete
    assert receiver.addresses == (answers if passed else [])
    assert ("shop.example" in resolver.refused) == (not passed)


def test_a_name_is_judged_anew_each_time() -> None:
    resolver = GuardedResolver(Answers("93.184.215.14"))
    resolver.resolveHostName(Receiver(), "shop.example", 443)
    resolver.inner = Answers("127.0.0.1")
    second = Receiver()
    resolver.resolveHostName(second, "shop.example", 443)
    assert second.addresses == []
    assert resolver.refused["shop.example"] == "127.0.0.1 is loopback"
