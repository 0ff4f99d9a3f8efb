"""Those who work in our shop, at its console, over HTTP: they see the buttons that a person sees, and press them."""

from __future__ import annotations

import html
import re

import httpx
from typing_extensions import override

from demo.parcels import Desk, Step

STAFF = ("staff@hanout.example", "Yacine Haddad")
PASSWORD = "hanout-demo"  # noqa: S105 - printed on purpose: the demo listens on this machine only
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
REFERENCE = re.compile(r'<strong><bdi dir="ltr">([^<]+)</bdi></strong>')
ORDER = re.compile(r'href="(/console/orders/\d+)"')
UNITS = re.compile(r'name="(back-\d+|lost-\d+)" value="(\d+)"')
OWED = re.compile(r'name="amount" value="([\d.]+)"')


class NoEntry(RuntimeError):
    """The console does not let the staff in."""


class Console(Desk):
    """The console of the shop behind `client`, whose base address is the shop's.

    Raises (all methods):
        NoEntry: no such account.
        httpx.HTTPError: the shop does not answer.
    """

    def __init__(self, client: httpx.Client, email: str = STAFF[0], password: str = PASSWORD) -> None:
        self._client, self._email, self._password = client, email, password
        self._pages: dict[str, str] = {}

    @override
    def take(self, order: str, step: Step, why: str) -> bool:
        address = self._page_of(order)
        if address is None:
            return False
        page = self._get(address)
        if f'action="{address}/{step}"' not in page:
            return False
        filled = {"csrf_token": _token(page), "reason": why, **dict(UNITS.findall(page))}
        self._post(f"{address}/{step}", filled)
        return f'action="{address}/{step}"' not in self._get(address)

    @override
    def hand_over(self) -> None:
        page = self._get("/console/ledger")
        form = page.partition('action="/console/ledger/handed-over"')[2].partition("</form>")[0]
        if owed := OWED.findall(form):
            key = re.findall(r'name="key" value="([^"]*)"', form)[0]
            filled = {"csrf_token": _token(form), "key": key, "amount": owed[0], "reason": "espèces encaissées"}
            self._post("/console/ledger/handed-over", filled)

    def _page_of(self, order: str) -> str | None:
        """The address of an order's page; None where the shop has no such order."""
        if order not in self._pages:
            thanks = self._client.get(f"/ordered/{order}")
            if thanks.status_code != 200:
                return None
            reference = html.unescape(REFERENCE.findall(thanks.text)[0])
            found = ORDER.findall(self._get("/console/orders", state="all", q=reference))
            if len(set(found)) != 1:
                return None
            self._pages[order] = found[0]
        return self._pages[order]

    def _get(self, address: str, **asked: str) -> str:
        answer = self._client.get(address, params=asked)
        if answer.status_code == 303:
            self._sign_in()
            answer = self._client.get(address, params=asked)
        if answer.status_code == 303:
            raise NoEntry(f"The console does not let {self._email} in: it has no such account, or another password.")
        answer.raise_for_status()
        return str(answer.text)

    def _post(self, address: str, filled: dict[str, str]) -> None:
        answer = self._client.post(address, data=filled)
        if not answer.is_redirect:
            answer.raise_for_status()

    def _sign_in(self) -> None:
        self._client.post("/console/sign-in", data={"email": self._email, "password": self._password})


def _token(page: str) -> str:
    return html.unescape(str(TOKEN.findall(page)[0]))
