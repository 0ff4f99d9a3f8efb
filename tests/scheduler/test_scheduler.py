from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import config
import database
import processes
import scheduler
from analytics_sql import project

HOLD_LOCK = """
import sys
import scheduler
with scheduler.alone(sys.argv[1]) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


def hold(job: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, job],
        cwd=config.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


@pytest.mark.usefixtures("database_url")
def test_one_job_runs_in_one_scheduler_at_a_time_and_other_jobs_beside_it() -> None:
    first, second, other = hold("crawl"), hold("crawl"), hold("marts")
    answers = sorted([said(first), said(second)])
    assert answers == ["False", "True"]
    assert said(other) == "True"
    for process in (first, second, other):
        process.communicate()


@pytest.mark.usefixtures("database_url")
def test_a_killed_scheduler_leaves_no_lock_behind() -> None:
    killed = hold("agent")
    assert said(killed) == "True"
    killed.kill()
    killed.communicate()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with scheduler.alone("agent") as mine:
            if mine:
                return
        time.sleep(0.1)
    pytest.fail("the lock outlived its process")


KILL_THE_SERVER = """
import os, signal, sys, time
import config, database, scheduler

def die(*_):
    lines = (chosen.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
    os.kill(int(lines[0]), signal.SIGKILL)
    time.sleep(0.3)

chosen = config.settings()
scheduler.JOBS = {"crawl": die, "marts": lambda *_: None, "agent": lambda *_: None}
market = scheduler.Market(chosen)
before = [scheduler.run(job, chosen, market) for job in ("marts", "crawl")]
at_a_later_time = any(scheduler.run("marts", chosen, market) or time.sleep(1) for _ in range(5))
print([*before, at_a_later_time, scheduler.run("agent", chosen, market)], flush=True)
"""


def test_the_jobs_go_on_after_the_embedded_server_was_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "MARKETS": "live", "DATA_DIR": str(tmp_path)}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-c", KILL_THE_SERVER]
    ended = subprocess.run(
        command, cwd=config.ROOT, env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    assert (ended.stdout, ended.returncode) == ("[True, True, True, True]\n", 0), ended.stderr[-3000:]


def test_a_database_that_is_away_is_named_and_is_no_traceback(
    configure: Callable[..., config.Settings],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = f"postgresql://postgres@/hanout?host={tmp_path}"
    chosen = configure(MARKETS="live", DATA_DIR=tmp_path)
    monkeypatch.setattr(scheduler, "engine", lambda: database.create_engine(away))
    assert scheduler.run("marts", chosen, scheduler.Market(chosen)) is False
    assert "the database is away" in caplog.text
    command = [sys.executable, "scheduler.py", "--once"]
    environment = {**os.environ, "MARKETS": "live", "DATA_DIR": str(tmp_path), "DATABASE_URL": away}
    ended = subprocess.run(
        command, cwd=config.ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "No such file or directory" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.usefixtures("database_url")
def test_a_job_that_fails_is_reported_and_does_not_stop_the_cycle(
    configure: Callable[..., config.Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen = configure(MARKETS="live", DATA_DIR=tmp_path)
    ran = []

    def failing(*_: object) -> None:
        ran.append("crawl")
        raise processes.ProcessFailed("no such page")

    monkeypatch.setattr(
        scheduler, "JOBS", {"crawl": failing, "marts": lambda *_: ran.append("marts"), "agent": lambda *_: None}
    )
    assert scheduler.run_cycle(chosen, scheduler.Market(chosen)) is False
    assert ran == ["crawl", "marts"]


@pytest.mark.usefixtures("database_url")
def test_jobs_asked_for_together_run_in_their_order_and_end_with_the_first_that_fails(
    configure: Callable[..., config.Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The agent does not decide on marts that could not be built."""
    chosen = configure(MARKETS="live", DATA_DIR=tmp_path)
    ran = []
    jobs = {name: lambda *_, name=name: ran.append(name) for name in ("crawl", "marts", "agent")}
    monkeypatch.setattr(scheduler, "JOBS", jobs)
    assert scheduler.run_at([None], ["marts", "agent"], chosen, scheduler.Market(chosen))

    def failing(*_: object) -> None:
        raise processes.ProcessFailed("no such table")

    monkeypatch.setitem(jobs, "marts", failing)
    assert not scheduler.run_at([None], ["marts", "agent"], chosen, scheduler.Market(chosen))
    assert ran == ["marts", "agent"]


@pytest.mark.parametrize(("untested", "tests"), [(True, False), (False, True)])
def test_marts_of_days_gone_by_may_be_built_without_testing_their_data(
    configure: Callable[..., config.Settings],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    untested: bool,
    tests: bool,
) -> None:
    asked: list[str] = []

    def run(self: project.Project, *arguments: str, **_: object) -> project.Taken:
        asked.extend(arguments)
        return project.Taken(0.0, 0.0, {})

    monkeypatch.setattr(project.Project, "run", run)
    marts = scheduler.Marts()
    marts.untested = untested
    chosen = configure(MARKETS="live", DATA_DIR=tmp_path)
    marts.refresh(chosen, scheduler.Market(chosen))
    assert asked[0] == "build", "seeds are needed the first time"
    assert ("test" not in asked) is tests


def test_the_crawls_of_a_cycle_are_those_of_the_settings(configure: Callable[..., config.Settings]) -> None:
    chosen = configure(JUMIA_COUNTRY="ma", JUMIA_CATEGORIES="telephones-smartphones, epicerie", OUEDKNISS_CATEGORIES="")
    assert scheduler.crawls(chosen) == [
        ["crawl", "jumia", "-a", "country=ma", "-a", "category=telephones-smartphones"],
        ["crawl", "jumia", "-a", "country=ma", "-a", "category=epicerie"],
    ]


def test_without_a_country_only_ouedkniss_is_crawled(configure: Callable[..., config.Settings]) -> None:
    chosen = configure(JUMIA_COUNTRY="", OUEDKNISS_CATEGORIES="telephones")
    assert scheduler.crawls(chosen) == [["crawl", "ouedkniss", "-a", "category=telephones"]]


def test_the_clock_runs_until_it_is_asked_to_stop_and_ends_cleanly(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "MARKETS": "live", "DATA_DIR": str(tmp_path), "DATABASE_URL": database_url}
    process = subprocess.Popen(
        [sys.executable, "scheduler.py"], cwd=config.ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    lines = []
    while "agent: next at" not in "".join(lines):
        lines.append(process.stderr.readline())
        assert process.poll() is None, lines
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_child_that_will_not_end_is_killed_with_its_group() -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", stubborn], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    grandchild = int(process.stdout.readline())
    processes.end(process, seconds=0.5)
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    import psutil

    deadline = time.monotonic() + 5
    while psutil.pid_exists(grandchild) and time.monotonic() < deadline:
        if psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.05)
    assert not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE


def test_a_process_that_fails_is_named_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = processes.start(processes.python("-c", "import sys; print('no stock'); sys.exit(7)"), log=log)
    with pytest.raises(processes.ProcessFailed, match=r"(?s)buying ended with exit code 7.*no stock"):
        processes.finish(process, "buying", threading.Event(), log)


def test_a_process_is_ended_when_the_app_is_asked_to_stop() -> None:
    stop = threading.Event()
    process = processes.start(processes.python("-c", "import time; time.sleep(600)"))
    threading.Timer(0.3, stop.set).start()
    begun = time.monotonic()
    processes.finish(process, "sleeping", stop)
    assert process.returncode is not None
    assert time.monotonic() - begun < 20


def test_an_unknown_job_is_refused() -> None:
    ended = subprocess.run(
        [sys.executable, "scheduler.py", "--job", "dance"], cwd=config.ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert "crawl" in ended.stderr
