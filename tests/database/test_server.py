"""The embedded server with real processes: started once, shared, stopped by the last, back after kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

import config
from database import server

HOLD = """
import sys, psycopg2
from pathlib import Path
from database import server
address = server.ensure(Path(sys.argv[1]))
psycopg2.connect(address).close()
print(address, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    server.stop(tmp_path / "postgres")


def hold(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data)],
        cwd=config.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    address = process.stdout.readline().strip()
    assert address.startswith("postgresql://"), f"exit code {process.wait()}"
    return address


def let_go(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=30)
    assert process.returncode == 0


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def answers(address: str) -> bool:
    try:
        psycopg2.connect(address).close()
    except psycopg2.OperationalError:
        return False
    return True


def test_processes_started_at_once_share_one_server_and_the_last_stops_it(data: Path) -> None:
    processes = [hold(data) for _ in range(4)]
    addresses = {address_of(process) for process in processes}
    assert len(addresses) == 1
    address = addresses.pop()
    pid = postmaster(data)
    for process in processes[:-1]:
        let_go(process)
        assert answers(address), "the server was stopped under another's feet"
    assert postmaster(data) == pid
    let_go(processes[-1])
    assert not answers(address)


def test_only_the_owner_connects_to_the_databases_that_are_not_ours(data: Path) -> None:
    process = hold(data)
    owner = psycopg2.connect(address_of(process))
    owner.autocommit = True
    owner.cursor().execute("create role reader login")
    place = owner.get_dsn_parameters()["host"]
    psycopg2.connect(host=place, user="reader", dbname="hanout").close()
    for other in ("postgres", "template1"):
        with pytest.raises(psycopg2.OperationalError, match=f'permission denied for database "{other}"'):
            psycopg2.connect(host=place, user="reader", dbname=other)
    owner.close()
    let_go(process)


def test_a_killed_process_does_not_keep_the_server_from_being_stopped(data: Path) -> None:
    killed, other = hold(data), hold(data)
    address = address_of(killed)
    address_of(other)
    killed.kill()
    killed.communicate()
    assert answers(address)
    let_go(other)
    assert not answers(address)


def test_a_killed_server_comes_back_with_what_was_committed(data: Path) -> None:
    first = hold(data)
    address = address_of(first)
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("create table kept (n int); insert into kept values (42)")
    connection.close()
    psutil.Process(postmaster(data)).kill()
    deadline = time.monotonic() + 10
    while answers(address) and time.monotonic() < deadline:
        time.sleep(0.05)
    second = hold(data)
    with psycopg2.connect(address_of(second)) as connection, connection.cursor() as cursor:
        cursor.execute("select n from kept")
        assert cursor.fetchall() == [(42,)]
    connection.close()
    let_go(first)
    let_go(second)


def test_a_stale_pid_file_that_names_another_program_is_no_server(data: Path) -> None:
    let_go_at_once = hold(data)
    address_of(let_go_at_once)
    let_go(let_go_at_once)
    stale = f"{os.getpid()}\n{data}/postgres\n1700000000\n5432\n{data}/postgres\n\n1 2\nready\n"
    (data / "postgres" / "postmaster.pid").write_text(stale)
    again = hold(data)
    assert answers(address_of(again))
    let_go(again)


def test_a_running_process_gets_the_server_back_when_it_was_killed(data: Path) -> None:
    script = (
        "import sys, sqlalchemy as sa, database\n"
        "print(database.engine().connect().execute(sa.text('select 1')).scalar(), flush=True)\n"
        "sys.stdin.readline()\n"
        "print(database.engine().connect().execute(sa.text('select 2')).scalar(), flush=True)\n"
    )
    environment = {**os.environ, "DATA_DIR": str(data)}
    environment.pop("DATABASE_URL", None)
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=config.ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "1\n"
    os.kill(postmaster(data), signal.SIGKILL)
    time.sleep(0.5)
    output, _ = process.communicate("go\n", timeout=60)
    assert output == "2\n"
