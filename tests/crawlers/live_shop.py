"""Real host names on this machine: a proxy that ends TLS itself, so that MARKETS=live is crawled as it is."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.crawlers.conftest import Answer

Answering = Callable[[str, str], Answer]


@dataclass
class LiveShop:
    """What was asked: when, of which host, which path, and as whom."""

    port: int
    asked: list[tuple[float, str, str, str]] = field(default_factory=list)


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a shop on this machine")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    parts = (
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
    )
    file = folder / "shop.pem"
    file.write_bytes(b"".join(parts))
    return file


class _Tunnel(socketserver.BaseRequestHandler):
    """CONNECT to any host, which is always the server of this test."""

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(4096)
        server: Any = self.server
        with socket.create_connection(("127.0.0.1", server.shop_port)) as shop:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._pump(shop)

    def _pump(self, shop: socket.socket) -> None:
        ends = {self.request: shop, shop: self.request}
        while True:
            for ready in select.select(list(ends), [], [])[0]:
                with contextlib.suppress(ConnectionError):
                    if data := ready.recv(65536):
                        ends[ready].sendall(data)
                        continue
                return


class _Tunnels(socketserver.ThreadingTCPServer):
    daemon_threads = True
    shop_port: int


@contextmanager
def live_shop(folder: Path, answer: Answering) -> Iterator[LiveShop]:
    """Answers with `answer(host, path)` for every host that is asked for over TLS through the proxy at `port`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = self.headers["Host"]
            made.asked.append((time.monotonic(), host, self.path, self.headers["User-Agent"]))
            told = answer(host, self.path)
            self.send_response(told.status)
            for header, value in told.headers.items():
                self.send_header(header, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(_certificate(folder))
    shop = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.socket = context.wrap_socket(shop.socket, server_side=True)
    proxy = _Tunnels(("127.0.0.1", 0), _Tunnel)
    proxy.shop_port = shop.server_port
    made = LiveShop(proxy.server_address[1])
    for server in (shop, proxy):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    for server in (proxy, shop):
        server.shutdown()
        server.server_close()
