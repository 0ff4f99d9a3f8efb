"""One season, lived through in a process of its own: real pages, purchases, orders, books; a clock that is set."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import waitress.server

import config
from benchmarks.season import CAPITAL, EVERY, WARM_UP

TEMPLATE = "season"
READ_BY_THE_AGENT = (
    "+trending_products_v2 +category_niches +seller_performance +market_product_listings +price_history_daily"
    " +demand_forecast +demand_by_rank"
)


@dataclass(frozen=True)
class Season:
    """What is lived through. `address`: an empty, migrated database; `folder`: for everything else."""

    seed: int
    days: int
    policy: str
    address: str
    folder: Path


def built(address: str, folder: Path) -> None:
    """Builds every mart once, in a database in which nothing has happened: our shop opens once there are marts."""
    from analytics_sql.project import Project

    folder.mkdir(parents=True)
    _inside(address, folder)
    project = Project(folder / "logs")
    project.run("seed")
    project.run("run")


def _inside(address: str, folder: Path) -> None:
    os.environ |= {"MARKETS": "demo", "DATABASE_URL": address, "DATA_DIR": str(folder)}
    os.environ["DBT_TARGET_PATH"] = str(folder / "target")
    os.chdir(config.ROOT)


def live(season: Season) -> Any:
    """Lives through a season and returns its `Figures`. Changes the environment of the process."""
    shutil.rmtree(season.folder, ignore_errors=True)
    shutil.copytree(season.folder.parent / TEMPLATE, season.folder)
    market, shop = _listening(), _listening()
    _inside(season.address, season.folder)
    os.environ |= {
        "AGENT_SUPPLIER": "demo",
        "AGENT_WAIT_MINUTES": "0",
        "AGENT_MODE": "auto",
        "DEMO_JUMIA_PORT": str(market.getsockname()[1]),
    }
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("reseller").setLevel(logging.ERROR)
    return _Season(season).run(market, shop)


def _listening() -> socket.socket:
    """A free port of this machine, known before anything is started that has to know it."""
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    return one


@contextlib.contextmanager
def served(app: Any, port: socket.socket) -> Iterator[str]:
    """Serves an application while the block lasts; its address."""
    server = waitress.server.create_server(app, sockets=[port], threads=2, ident=None)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port.getsockname()[1]}"
    finally:
        server.close()


class _Season:
    def __init__(self, season: Season) -> None:
        from benchmarks.walk import Walk

        self.season = season
        self.walk = Walk(season.folder / "demo", season.seed, marketplaces=("jumia",))
        self.connection = psycopg2.connect(season.address)
        self.now = self.walk.evening(0)
        self.dbt: Any = None

    def run(self, market: socket.socket, shop: socket.socket) -> Any:
        with contextlib.ExitStack() as stack:
            stack.callback(self.walk.close)
            stack.callback(self.connection.close)
            stack.enter_context(served(self.walk.shop, market))
            from webapp import create_app

            address = stack.enter_context(served(create_app(CLOCK=lambda: self.now), shop))
            import database
            from benchmarks.season import figures
            from benchmarks.season.clairvoyant import Clairvoyant
            from benchmarks.season.desk import Books, shown
            from benchmarks.season.omniscient import Omniscient
            from benchmarks.season.policies import SIMPLE, Agent
            from demo.storefront import Storefront
            from demo.town import Town

            world = self.walk.market.world
            browser = stack.enter_context(httpx.Client(base_url=address, trust_env=False, timeout=30))
            town = Town(world, Storefront(browser), Books(lambda: self.now))
            makers = {**SIMPLE, "agent": Agent}
            makers |= {"clairvoyant": lambda: Clairvoyant(town), "omniscient": lambda: Omniscient(town)}
            policy = makers[self.season.policy]()
            self._found_the_shop()
            worth = []
            for day in range(WARM_UP + self.season.days):
                self._at(day, 8)
                if day >= WARM_UP:
                    town.morning(day)
                    self._at(day, 12)
                    town.visit(day, shown())
                self._evening(policy, day)
                if day >= WARM_UP:
                    with database.session() as work:
                        worth.append(float(CAPITAL) + figures.earned(work))
            asked = {sku: rival.price for sku, rival in town.rivals(day).items()}
            with database.session() as work:
                return figures.figures(work, self.season.seed, self.season.policy, worth, town.ordered, asked)

    def _at(self, day: int, hour: int) -> None:
        self.now = self.walk.market.clock.start_of(day) + timedelta(hours=hour)
        self.walk.market.clock.set(self.now.isoformat())

    def _evening(self, policy: Any, day: int) -> None:
        from benchmarks.season.policies import Evening

        selling = day >= WARM_UP
        buying = selling and (day - WARM_UP) % EVERY == 0
        if policy.needs_marts or buying:
            self.walk.crawl(self.connection, day)
        self._at(day, 19)
        if buying and policy.needs_marts:
            self._marts()
        if selling:
            policy.evening(Evening(day, self.now, buying))

    def _marts(self) -> None:
        from analytics_sql.project import Project

        self.dbt = self.dbt or Project(self.season.folder / "logs")
        self.dbt.run("run", "--select", *READ_BY_THE_AGENT.split())

    def _found_the_shop(self) -> None:
        import database
        from reseller import control, journal

        with database.session() as work:
            control.get(work)
            why, now = "capital of the season", self.walk.market.clock.start_of(0)
            journal.capital(work, CAPITAL, key="capital", who="owner", why=why, now=now)
            work.commit()
