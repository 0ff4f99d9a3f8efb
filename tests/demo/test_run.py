from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import config


def start(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), **variables}
    command = [sys.executable, "-m", "demo.run"]
    return subprocess.run(command, cwd=config.ROOT, env=environment, capture_output=True, text=True, timeout=60)


def test_the_demo_serves_no_other_machine(tmp_path: Path) -> None:
    ended = start(tmp_path, WEB_HOST="0.0.0.0")
    assert ended.returncode == 1
    assert "WEB_HOST=0.0.0.0" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["WEB_PORT", "DEMO_JUMIA_PORT", "DEMO_OUEDKNISS_PORT"])
def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = start(tmp_path, **{name: str(taken.getsockname()[1])})
    assert ended.returncode == 1
    assert f"{name}=" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []
