"""The demo supplier's contract, with the faults that tests need. Real HTTP on 127.0.0.1."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit


class SupplierServer:
    """Keeps orders by key. Prices by SKU; a SKU without one costs 5,000 DA, and only one with a title shows it.

    Attributes:
        orders: by idempotency key.
        posts: keys in the order in which they came, repeated ones too.
        before: called before an order is written, after: between writing and answering. May block, or raise
            ConnectionError to hang up without an answer.
        status: answered about orders instead of the truth, once the work is done.
    """

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.prices: dict[str, Decimal] = {}
        self.sold_out: set[str] = set()
        self.titles: dict[str, str] = {}
        self.posts: list[str] = []
        self.asked: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.status: int | None = None
        self.answer_with: Callable[[dict[str, Any]], dict[str, Any]] = lambda order: order
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> SupplierServer:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def deliver(self) -> None:
        for order in self.orders.values():
            order["state"] = "delivered"

    def order(self, key: str, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.before()
        with self._lock:
            self.posts.append(key)
            if key in self.orders:
                answer = 200, self.orders[key]
            elif wanted["sku"] in self.sold_out:
                answer = 409, {"error": "out_of_stock"}
            elif (price := self.prices.get(wanted["sku"], Decimal(5000))) > Decimal(wanted["max_unit_price"]):
                answer = 409, {"error": "price_changed"}
            else:
                self.orders[key] = {
                    "reference": f"D-{len(self.orders) + 1}",
                    "sku": wanted["sku"],
                    "quantity": wanted["quantity"],
                    "unit_price": str(price),
                    "total": str(price * wanted["quantity"]),
                    "currency": "DZD",
                    "state": "ordered",
                    "deliver_at": "2026-05-02T12:00:00+00:00",
                }
                answer = 201, self.orders[key]
        self.after()
        return answer

    def look(self, sku: str) -> tuple[int, dict[str, Any]]:
        price = self.prices.get(sku, Decimal(5000))
        stock = 0 if sku in self.sold_out else 1000
        shown = {"sku": sku, "unit_price": str(price), "currency": "DZD", "stock": stock}
        return 200, shown | ({"title": self.titles[sku]} if sku in self.titles else {})

    def find(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if "key" in query:
            found = self.orders.get(query["key"][0])
        else:
            reference = path.rsplit("/", 1)[1]
            found = next((order for order in self.orders.values() if order["reference"] == reference), None)
        return (200, found) if found else (404, {"error": "not_found"})


def _handler(server: SupplierServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._act(lambda: server.order(self.headers["Idempotency-Key"], body))

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if "/products/" in parts.path:
                return self._answer(*server.look(parts.path.rsplit("/", 1)[1]))
            return self._act(lambda: server.find(parts.path, parse_qs(parts.query)))

        def _act(self, work: Callable[[], tuple[int, dict[str, Any]]]) -> None:
            if self.headers["Authorization"] != "Bearer demo":
                return self._answer(401, {"error": "unauthorized"})
            try:
                status, found = work()
            except ConnectionError:
                self.close_connection = True
                return None
            found = server.answer_with(dict(found)) if "reference" in found else found
            return self._answer(server.status or status, found)

        def _answer(self, status: int, found: dict[str, Any]) -> None:
            body = json.dumps(found).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler
