import json
import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from config import ROOT


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_in_one_line_and_ends_cleanly(serve, number):
    served = serve()
    assert re.fullmatch(r"demo: ready on http://127\.0\.0\.1:\d+ and http://127\.0\.0\.1:\d+\n", served.line), (
        served.process.stderr
    )
    assert httpx.get(served.shop, trust_env=False).status_code == 200
    assert httpx.get(served.classifieds, trust_env=False).status_code == 200
    assert served.stop(number) == 0
    assert (served.rest, served.errors) == ("", "")


def test_a_port_that_is_taken_is_named_with_its_setting():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run("serve", DEMO_JUMIA_PORT="0", DEMO_OUEDKNISS_PORT=port)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "DEMO_OUEDKNISS_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_clock_is_read_and_set_from_the_command_line(serve):
    served = serve()
    port = served.shop.rpartition(":")[2]
    epoch = json.loads(run("clock", DEMO_JUMIA_PORT=port).stdout)["epoch"]
    done = run("clock", "--set", f"{epoch}T09:00:00Z", DEMO_JUMIA_PORT=port)
    assert json.loads(done.stdout)["now"] == f"{epoch}T09:00:00+00:00"
    assert httpx.get(served.shop, trust_env=False).headers["X-Market-Time"] == f"{epoch}T09:00:00+00:00"
    assert run("clock", "--set", "yesterday", DEMO_JUMIA_PORT=port).returncode == 2
    assert json.loads(run("clock", "--live", DEMO_JUMIA_PORT=port).stdout)["live"] is True


def test_a_clock_that_nobody_keeps_says_how_to_start_the_market():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
    done = run("clock", DEMO_JUMIA_PORT=port)
    assert done.returncode == 1
    assert "python -m demo serve" in done.stderr


def test_a_second_start_continues_where_the_first_was(serve):
    first = serve()
    epoch = httpx.get(f"{first.shop}/_market/clock", trust_env=False).json()["epoch"]
    httpx.put(f"{first.shop}/_market/clock", json={"now": f"{epoch}T12:00:00Z"}, trust_env=False)
    page = httpx.get(f"{first.shop}/epicerie/", trust_env=False).text.replace(first.shop, "")
    first.stop()
    second = serve(DEMO_SEED="8")
    assert httpx.get(f"{second.shop}/epicerie/", trust_env=False).text.replace(second.shop, "") == page
    second.stop()
    assert "DEMO_SEED is ignored" in second.errors
