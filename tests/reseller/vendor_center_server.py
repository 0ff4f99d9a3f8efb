"""Jumia's Vendor Center as its documents describe it, with the faults that tests need. Real HTTP on 127.0.0.1.

It refuses what the real one is documented to refuse: a refresh token that was used before, an access token that has
ended, more than 4 requests a second or 200 a minute, more than 1,000 items a feed, stock of a product that is not
approved, an item of the wrong shape.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, dict[str, Any]]
ADDRESS = {"firstName": "Amine", "lastName": "B.", "phone": "0550123456", "city": "Kouba", "address": "Rue 1"}
BRANDS = [{"code": 1, "name": "Generic"}, {"code": 2, "name": "Samsung"}, {"code": 3, "name": "Oraimo"}]
CATEGORIES = [
    {"code": 1000052, "name": "Livres", "completePath": "Livres"},
    {"code": 1000100, "name": "Casques", "completePath": "Électronique / Audio / Casques"},
]


class VendorCenterServer:
    """Keeps products by seller SKU, feeds and orders.

    Attributes:
        products: by seller SKU: id, stock, price, status, qc.
        feeds: by id: kind, items, status, and how many polls are left before it ends.
        before, after: called around each request with its method and path; may block, or raise ConnectionError to
            hang up without an answer (`after`: when the work is done).
        answers: statuses to give in place of the truth to the next requests, without doing them.
        limits: (requests, seconds) that are enforced.
    """

    def __init__(self, limits: tuple[tuple[int, float], ...] = ((4, 1.0), (200, 60.0)), polls: int = 2) -> None:
        self.products: dict[str, dict[str, Any]] = {}
        self.feeds: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.items: dict[str, list[dict[str, Any]]] = {}
        self.seen: list[tuple[str, str]] = []
        self.too_fast = 0
        self.refresh_token, self.spent = "refresh-0", set[str]()
        self.access: dict[str, float] = {}
        self.lifetime = 3600.0
        self.answers: list[Answer] = []
        self.before: Callable[[str, str], None] = lambda method, path: None
        self.after: Callable[[str, str], None] = lambda method, path: None
        self.refuse_items: dict[str, str] = {}
        self.page_size = 2
        self.polls = polls
        self.auto_approve = True
        self.lock = threading.RLock()
        self._sent = [(seconds, deque[float](maxlen=count)) for count, seconds in limits]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> VendorCenterServer:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def buy(self, sku: str, units: int = 1, **address: str) -> str | None:
        """A shopper of Jumia orders: the order's id, or None where the shop there shows too few units."""
        with self.lock:
            product = self.products.get(sku)
            if product is None or product["status"] != "active" or product["stock"] < units:
                return None
            product["stock"] -= units
            number = f"O{len(self.orders) + 1}"
            self.orders[number] = {
                "id": number,
                "number": f"3{len(self.orders) + 1:08}",
                "status": "PENDING",
                "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
                "shippingAddress": {"firstName": "Amine", "lastName": "B.", "city": "Kouba", "address": "Rue 1"}
                | address,
            }
            self.items[number] = [
                {"id": f"{number}-{n}", "orderId": number, "status": "PENDING", "product": {"sellerSku": sku},
                 "paidPrice": product["price"]} for n in range(units)
            ]  # fmt: skip
            return number

    def act(
        self, method: str, path: str, query: dict[str, list[str]], headers: Any, body: bytes
    ) -> tuple[int, Any, dict]:
        with self.lock:
            self.seen.append((method, path))
            if (wait := self._too_fast()) > 0:
                self.too_fast += 1
                return 429, {"message": "too many requests"}, {"Retry-After": f"{wait:.2f}"}
            if self.answers:
                status, found = self.answers.pop(0)
                return status, found, {}
            if (method, path) == ("POST", "/token"):
                return *self._token(parse_qs(body.decode())), {}
            token = (headers["Authorization"] or "").removeprefix("Bearer ")
            if self.access.get(token, 0) < time.monotonic():
                return 401, {"message": "unauthorized"}, {}
            return *self._route(method, path, query, json.loads(body) if body else {}), {}

    def _too_fast(self) -> float:
        now = time.monotonic()
        waits = [sent[0] + seconds - now for seconds, sent in self._sent if len(sent) == sent.maxlen]
        if (wait := max(waits, default=0.0)) <= 0:
            for _, sent in self._sent:
                sent.append(now)
        return wait

    def _token(self, form: dict[str, list[str]]) -> Answer:
        given = form.get("refresh_token", [""])[0]
        if form.get("grant_type") != ["refresh_token"] or form.get("client_id") != ["client"]:
            return 400, {"error": "invalid_client"}
        if given != self.refresh_token or given in self.spent:
            return 400, {"error": "invalid_grant"}
        self.spent.add(given)
        self.refresh_token = f"refresh-{len(self.spent)}"
        access = f"access-{len(self.spent)}"
        self.access[access] = time.monotonic() + self.lifetime
        return 200, {"access_token": access, "refresh_token": self.refresh_token, "expires_in": self.lifetime}

    def _route(self, method: str, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> Answer:
        match method, path.strip("/").split("/"):
            case "POST", ["feeds", "products", kind]:
                return self._feed(kind, body)
            case "GET", ["feeds", number] if number in self.feeds:
                return 200, self._poll(number)
            case "GET", ["catalog", "products"]:
                skus = query.get("sellerSku", [])
                found = [each for sku, each in self.products.items() if not skus or sku in skus]
                return 200, self._page("products", found, query)
            case "GET", ["catalog", ("brands" | "categories") as name]:
                members: list[Any] = BRANDS if name == "brands" else CATEGORIES
                number = int(query.get("page", ["1"])[0])
                pages = -(-len(members) // 2)
                return 200, {
                    name: members[2 * number - 2 : 2 * number],
                    "page": {"current": number, "totalOfPages": pages},
                }
            case "GET", ["orders"]:
                after = datetime.fromisoformat(query["createdAfter"][0])
                found = [each for each in self.orders.values() if datetime.fromisoformat(each["createdAt"]) >= after]
                return 200, self._page("orders", found, query)
            case "GET", ["orders", "items"]:
                return 200, self._page("items", self.items[query["orderId"][0]], query)
        return 404, {"message": f"no such resource: {method} {path}"}

    def _page(self, name: str, members: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        start = int(query.get("token", ["0"])[0])
        end = start + self.page_size
        last = end >= len(members)
        return {name: members[start:end], "nextToken": None if last else str(end), "isLastPage": last}

    def _feed(self, kind: str, body: dict[str, Any]) -> Answer:
        items = body.get("products")
        if kind not in _SHAPES or not isinstance(items, list) or not 0 < len(items) <= 1000:
            return 400, {"message": "1 to 1,000 products are wanted"}
        for item in items:
            if missing := [name for name in _SHAPES[kind] if name not in item]:
                return 400, {"message": f"{missing} missing"}
        number = f"feed-{len(self.feeds) + 1}"
        self.feeds[number] = {"kind": kind, "items": items, "status": "PENDING", "polls": self.polls, "results": []}
        return 200, {"feedId": number}

    def _poll(self, number: str) -> dict[str, Any]:
        feed = self.feeds[number]
        if feed["status"] != "COMPLETED":
            feed["polls"] -= 1
            feed["status"] = "IN_PROGRESS" if feed["polls"] > 0 else "COMPLETED"
            if feed["status"] == "COMPLETED":
                feed["results"] = [self._apply(feed["kind"], item) for item in feed["items"]]
        failed = sum(result["status"] == "FAILED" for result in feed["results"])
        return {"feedSid": number, "status": feed["status"], "total": len(feed["items"]),
                "completed": len(feed["results"]) - failed, "failed": failed, "feedItems": feed["results"]}  # fmt: skip

    def _apply(self, kind: str, item: dict[str, Any]) -> dict[str, Any]:
        sku = item["sellerSku"]
        known = self.products.get(sku)
        trouble = self.refuse_items.get(sku)
        if kind == "create" and not trouble:
            if known:
                trouble = "the seller SKU exists already"
            else:
                qc = "approved" if self.auto_approve else "pending"
                self.products[sku] = {"id": f"S-{sku}", "sellerSku": sku, "stock": item["stock"], "status": "active",
                                      "price": item["price"]["value"], "qc": {"status": qc}, "item": item}  # fmt: skip
        elif not trouble and (known is None or known["id"] != item.get("id") or known["qc"]["status"] != "approved"):
            trouble = "the product is not approved"
        elif not trouble and known:
            if kind == "stock":
                known["stock"] = item["stock"]
            elif kind == "price":
                known["price"] = item["price"]["value"]
            elif kind == "status":
                known["status"] = item["status"]
        result = {"sellerSku": sku, "status": "FAILED" if trouble else "COMPLETED"}
        return result | ({"errorMessage": trouble} if trouble else {"productSid": self.products[sku]["id"]})


_SHAPES = {
    "create": (
        *("name", "description", "parentSku", "sellerSku", "variation", "brand", "category", "images", "price"),
        "stock",
    ),
    "price": ("sellerSku", "id", "price"),
    "stock": ("sellerSku", "id", "stock"),
    "status": ("sellerSku", "id", "status"),
    "update": ("sellerSku", "id"),
}


def _handler(server: VendorCenterServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _act(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            try:
                server.before(self.command, parts.path)
                status, found, headers = server.act(self.command, parts.path, parse_qs(parts.query), self.headers, body)
                server.after(self.command, parts.path)
            except ConnectionError:
                self.close_connection = True
                return
            answer = json.dumps(found).encode()
            try:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            self._act()

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler
