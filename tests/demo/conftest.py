"""A market in a fresh folder, its two sites as test clients, and the real server as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config import ROOT
from demo.faults import Faults
from demo.market import Market
from demo.serve import applications

DAY_10 = "2026-05-11T12:00:00+00:00"


def world_file(folder: Path, seed: int = 7, epoch: str = "2026-05-01", now: str | None = DAY_10) -> None:
    """A world that began on a known day."""
    folder.mkdir(parents=True, exist_ok=True)
    quoted = f'"{now}"' if now else "null"
    (folder / "world.json").write_text(f'{{"seed": {seed}, "epoch": "{epoch}", "now": {quoted}}}')


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    world_file(tmp_path / "demo")
    made = Market(tmp_path / "demo", seed=7, days=14)
    yield made
    made.close()


@pytest.fixture
def sites(market: Market) -> tuple[FlaskClient, FlaskClient]:
    shop, classifieds = applications(market, Faults(), "demo")
    return shop.test_client(), classifieds.test_client()


@pytest.fixture
def shop(sites: tuple[FlaskClient, FlaskClient]) -> FlaskClient:
    return sites[0]


@pytest.fixture
def classifieds(sites: tuple[FlaskClient, FlaskClient]) -> FlaskClient:
    return sites[1]


class Served:
    """`python -m demo serve` on free ports."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo", "serve"],
            cwd=ROOT,
            env={
                **os.environ,
                "DATA_DIR": str(data),
                "DEMO_JUMIA_PORT": "0",
                "DEMO_OUEDKNISS_PORT": "0",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        words = self.line.split()
        self.shop, self.classifieds = (words[-3], words[-1]) if len(words) == 6 else ("", "")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.rest, self.errors = self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(**environment: str) -> Served:
        started.append(Served(tmp_path / "data", **environment))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()
