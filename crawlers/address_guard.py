"""Keeps spiders that follow a person's list of addresses out of this machine and the networks around it.

An address is judged by its text before each request, redirects and robots.txt included. A name is judged by the
addresses it resolves to, each time a connection is made, and the connection goes to what was judged: a DNS answer that
changes between two looks gains nothing.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest, NotConfigured
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from config import settings
from crawlers.addresses import refusal, refused_ip

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.interfaces import IAddress, IHostResolution

HTTP_HANDLER = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
GUARDED: dict[str, Any] = {
    # Only a handler that resolves names through the reactor is guarded; a proxy would resolve them itself.
    "DOWNLOAD_HANDLERS": {
        "http": HTTP_HANDLER,
        "https": HTTP_HANDLER,
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    },
    "HTTPPROXY_ENABLED": False,
    "DOWNLOAD_MAXSIZE": 10 * 1024 * 1024,
    "DOWNLOAD_WARNSIZE": 0,
    "DOWNLOAD_TIMEOUT": 30,
    "REDIRECT_MAX_TIMES": 5,
    "DNSCACHE_ENABLED": False,
}
"""Scrapy's settings of a guarded spider; sizes in bytes, times in seconds for the whole of a download."""


class ForbiddenAddress(IgnoreRequest):
    """An address that must not be asked; the text says why."""

    name = "page/forbidden_address"


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves like another resolver, but to nothing where any answer is refused.

    Attributes:
        refused: why, by host.
    """

    def __init__(self, inner: IHostnameResolver) -> None:
        self.inner = inner
        self.refused: dict[str, str] = {}

    def resolveHostName(  # noqa: N802
        self, receiver: IResolutionReceiver, host: str, *arguments: Any, **named: Any
    ) -> IHostResolution:
        """Twisted's entry: each connection comes through here, IP addresses in the URL too."""
        return self.inner.resolveHostName(_Judging(self, receiver, host), host, *arguments, **named)


@implementer(IResolutionReceiver)
class _Judging:
    """Holds answers back until all are there, then passes on all of them or none."""

    def __init__(self, resolver: GuardedResolver, receiver: IResolutionReceiver, host: str) -> None:
        self.resolver = resolver
        self.receiver = receiver
        self.host = host
        self.addresses: list[IAddress] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        self.addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        reasons = (refused_ip(ip_address(address.host.partition("%")[0])) for address in self.addresses)
        reason = next(filter(None, reasons), None)
        if reason:
            self.resolver.refused[self.host.lower()] = reason
        else:
            self.resolver.refused.pop(self.host.lower(), None)
            for address in self.addresses:
                self.receiver.addressResolved(address)
        self.receiver.resolutionComplete()


class AddressGuardMiddleware:
    """The guard of a spider whose class says `guarded = True`; nearest to the network of all middlewares.

    With TRACKED_ALLOW_PRIVATE nothing is refused. In replay the names are the proxy's to answer for, so that only the
    text of an address is judged.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not getattr(crawler.spidercls, "guarded", False) or settings().tracked_allow_private:
            raise NotConfigured
        self.resolver: GuardedResolver | None = None
        self.resolves = settings().markets != "replay"
        crawler.signals.connect(self._restore, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AddressGuardMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Lets pass what leads outside.

        Raises:
            ForbiddenAddress: the address is refused by its text.
        """
        if reason := refusal(request.url):
            raise ForbiddenAddress(reason)
        if self.resolves:
            self._install()
            request.meta["proxy"] = None

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Tells a name that was refused from one that does not exist.

        Raises:
            ForbiddenAddress: the name resolves to a refused address.
        """
        host = (urlsplit(request.url).hostname or "").lower()
        reason = self.resolver.refused.get(host) if self.resolver else None
        if reason and isinstance(exception, CannotResolveHostError):
            raise ForbiddenAddress(f"{host} leads to {reason}") from exception

    def _install(self) -> None:
        from twisted.internet import reactor

        if self.resolver is None:
            from twisted.internet._resolver import GAIResolver

            self.previous = reactor.nameResolver
            self.resolver = GuardedResolver(GAIResolver(reactor))  # knows IPv6, and every answer, unlike Scrapy's
        if reactor.nameResolver is not self.resolver:
            reactor.installNameResolver(self.resolver)

    def _restore(self) -> None:
        from twisted.internet import reactor

        if self.resolver is not None and reactor.nameResolver is self.resolver:
            reactor.installNameResolver(self.previous)
