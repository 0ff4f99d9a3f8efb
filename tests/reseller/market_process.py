"""The demo market as a process of its own, at the hour that the tests decide at."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from config import ROOT
from tests.factories import NOON

PLENTY = 5
"""Units in stock that let every test buy, and buy again."""

ACCOUNT = {"email": "acheteur@hanout.example", "password": "demo-achats"}


@dataclass(frozen=True)
class MarketProcess:
    """`python -m demo serve` on a free port; `address` is the shop's."""

    address: str

    @property
    def port(self) -> str:
        return self.address.rsplit(":", 1)[1]

    def fault(self, **values: Any) -> None:
        """Switches a fault on: see `demo.faults.Fault`."""
        httpx.put(f"{self.address}/_market/faults", json=values, trust_env=False).raise_for_status()

    def wait_for_faults(self, given_up: Callable[[], bool], seconds: float = 120) -> None:
        """Returns when every fault has been met, or who should meet it has given up."""
        deadline = time.monotonic() + seconds
        with httpx.Client(base_url=self.address, trust_env=False) as client:
            while client.get("/_market/faults").json() and not given_up():
                assert time.monotonic() < deadline, "nobody met the fault"
                time.sleep(0.1)

    def clear(self) -> None:
        httpx.delete(f"{self.address}/_market/faults", trust_env=False).raise_for_status()

    def set_clock(self, now: datetime) -> None:
        answer = httpx.put(f"{self.address}/_market/clock", json={"now": now.isoformat()}, trust_env=False)
        answer.raise_for_status()

    @contextmanager
    def customer(self) -> Iterator[httpx.Client]:
        """Someone who is signed in with our account, without a browser."""
        with httpx.Client(base_url=self.address, trust_env=False, follow_redirects=True, timeout=30) as client:
            csrf = csrf_of(client.get("/customer/account/login/").text)
            client.post("/customer/account/login/", data={**ACCOUNT, "csrfToken": csrf, "return": "/cart/"})
            yield client

    def bought(self) -> list[tuple[str, int]]:
        """(SKU, units) of every order in our account's history, the latest first."""
        with self.customer() as client:
            page = client.get("/customer/order/index/").text
        return [(sku, int(units)) for sku, units in re.findall(r'data-sku="(\w+)" data-quantity="(\d+)"', page)]

    def product(self, least: int = 3_000, most: int = 12_000) -> dict[str, Any]:
        """A product of which there are more than a few, as the listing embeds it; price between two bounds in DZD."""
        taken = {sku for sku, _ in self.bought()}
        auth = {"Authorization": "Bearer demo"}
        with httpx.Client(base_url=f"{self.address}/supplier/v1", trust_env=False, headers=auth) as client:
            return next(
                one
                for one in self._listed()
                if least < float(one["prices"]["rawPrice"]) < most
                and one["sku"] not in taken
                and client.get(f"/products/{one['sku']}").json()["stock"] >= PLENTY
            )

    def _listed(self) -> Iterator[dict[str, Any]]:
        for page in (1, 2, 3):
            text = httpx.get(f"{self.address}/catalog/?page={page}", trust_env=False, timeout=30).text
            started = re.search(r"window\.__STORE__\s*=\s*", text)
            assert started
            yield from json.JSONDecoder().raw_decode(text, started.end())[0]["products"]


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrfToken" value="(\w+)"', page)
    assert found, page[:300]
    return found.group(1)


@contextmanager
def market_process(folder: Path, now: datetime = NOON) -> Iterator[MarketProcess]:
    """Starts the market and ends it."""
    (folder / "demo").mkdir(parents=True)
    world = {"seed": 7, "epoch": "2026-04-20", "now": now.isoformat()}
    (folder / "demo" / "world.json").write_text(json.dumps(world))
    environment = {**os.environ, "DATA_DIR": str(folder), "DEMO_JUMIA_PORT": "0", "DEMO_OUEDKNISS_PORT": "0"}
    command = [sys.executable, "-m", "demo", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield MarketProcess(process.stdout.readline().split()[-3])
        finally:
            process.terminate()
