"""The demo's shop as a process, for crawls of a whole catalogue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from config import ROOT

NOON = "2026-05-11T12:00:00+00:00"
WORLD = {"seed": 7, "epoch": "2026-05-01", "now": NOON}
_direct = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class DemoShop:
    """`python -m demo serve` on a free port, at noon of its tenth day."""

    address: str

    @property
    def port(self) -> str:
        return self.address.rsplit(":", 1)[1]

    def put(self, control: str, **values: Any) -> None:
        """Turns one of the switches under `/_market/`."""
        body, kind = json.dumps(values).encode(), {"Content-Type": "application/json"}
        _direct.open(Request(f"{self.address}/_market/{control}", body, kind, method="PUT")).close()

    def reset(self) -> None:
        """Everything as the shop began."""
        self.put("rules")
        self.put("clock", now=NOON)
        _direct.open(Request(f"{self.address}/_market/faults", method="DELETE")).close()


@contextmanager
def demo_shop(folder: Path) -> Iterator[DemoShop]:
    """Starts the market's process and ends it."""
    (folder / "demo").mkdir(parents=True)
    (folder / "demo" / "world.json").write_text(json.dumps(WORLD))
    environment = {**os.environ, "DATA_DIR": str(folder), "DEMO_JUMIA_PORT": "0", "DEMO_OUEDKNISS_PORT": "0"}
    command = [sys.executable, "-m", "demo", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield DemoShop(process.stdout.readline().split()[-3])
        process.terminate()
