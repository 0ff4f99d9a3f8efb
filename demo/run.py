"""`make run`: lives through days of the demo market at high speed, then serves the shop and the console.

Real processes all the way: the market server, crawls over HTTP, dbt, the agent, the web server, the clock. What was
lived through is noted in DATA_DIR/demo/lived.json, so that a second start goes on from there.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import processes
from config import ROOT, Settings, SettingsError, settings
from demo.desk import PASSWORD, STAFF

OWNER = ("reseller@hanout.example", "Amina Benali")
KNOWN = 0.1
"""Share of the buyers who know the shop when it opens: one that has been round the corner for years."""
HOUR_OF_CRAWL = 18
READY_SECONDS = 60

stopping = threading.Event()
console = Console()


class Stopped(Exception):
    """The user asked to stop."""


class Demo:
    """The demo's processes, and what it has lived through."""

    def __init__(self, chosen: Settings, stack: contextlib.ExitStack) -> None:
        self.chosen = chosen
        self.stack = stack
        self.http = stack.enter_context(httpx.Client(timeout=10, trust_env=False))
        self.market = f"http://127.0.0.1:{chosen.demo_jumia_port}"
        self.shop = f"http://{chosen.web_host}:{chosen.web_port}"
        self.lived_file = chosen.data_dir / "demo" / "lived.json"
        self.logs = chosen.data_dir / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.environment = {"MARKETS": "demo", "AGENT_SUPPLIER": "demo", "DATA_DIR": str(chosen.data_dir)}

    def step(self, what: str, command: list[str], meanwhile: Callable[[], None] | None = None) -> None:
        """Runs a command to its end; its output is kept in the logs and shown only if it fails."""
        log = self.logs / "run.log"
        if not stopping.is_set():
            processes.finish(processes.start(command, self.environment, log), what, stopping, log, meanwhile)
        if stopping.is_set():
            raise Stopped

    def keep(self, name: str, command: list[str], address: str) -> None:
        """Starts a server, waits until it answers, and ends it when the demo ends."""
        log = self.logs / f"{name}.log"
        server = self.stack.enter_context(processes.running(processes.start(command, self.environment, log)))
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self.http, address):
            if stopping.is_set():
                raise Stopped
            if server.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-1500:]
                raise processes.ProcessFailed(f"{name} did not start; whole log: {log}\n{tail}")
            time.sleep(0.1)

    def jobs(self, *names: str, options: tuple[str, ...] = ()) -> None:
        chosen = (part for name in names for part in ("--job", name))
        self.step(f"the jobs {' and '.join(names)}", processes.python("scheduler.py", *chosen, *options))

    def put_in_capital(self, now: datetime) -> None:
        """As much as the agent may tie up; a second start puts in nothing."""
        amount = ["--put", str(self.chosen.agent_budget_total), "--key", "demo", "--now", now.isoformat()]
        command = processes.python("-m", "reseller", "capital", *amount, "--who", OWNER[1], "--why", "mise de départ")
        self.step("the capital", command)

    def set_clock(self, now: datetime | None) -> None:
        text = now.isoformat() if now else None
        self.http.put(f"{self.market}/_market/clock", json={"now": text}).raise_for_status()

    def clock(self) -> datetime:
        answer = self.http.get(f"{self.market}/_market/clock").raise_for_status()
        return datetime.fromisoformat(answer.json()["now"])

    def lived(self) -> tuple[int, datetime]:
        """Days lived through so far and the time of the first crawl; `demo_days` days: the past is complete."""
        if self.lived_file.exists():
            noted = json.loads(self.lived_file.read_text())
            return int(noted["days"]), datetime.fromisoformat(noted["first_crawl"])
        evening = datetime.now(UTC).replace(hour=HOUR_OF_CRAWL, minute=0, second=0, microsecond=0)
        return 0, evening - timedelta(days=self.chosen.demo_days)

    def note(self, days: int, first_crawl: datetime) -> None:
        self.lived_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.lived_file.with_suffix(".new")
        fresh.write_text(json.dumps({"days": days, "first_crawl": first_crawl.isoformat()}) + "\n")
        fresh.replace(self.lived_file)


def answers(http: httpx.Client, address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return http.get(address).status_code < 500
    return False


def refuse_other_machines(chosen: Settings) -> None:
    """The demo's passwords are printed and known: it serves this machine only."""
    if chosen.web_host not in ("127.0.0.1", "localhost", "::1"):
        raise SettingsError(f"WEB_HOST={chosen.web_host}: the demo's passwords are public, so it serves 127.0.0.1 only")


def refuse_taken_ports(chosen: Settings) -> None:
    """A clear error before anything starts, rather than a server that dies later."""
    ports = {
        "WEB_PORT": chosen.web_port,
        "DEMO_JUMIA_PORT": chosen.demo_jumia_port,
        "DEMO_OUEDKNISS_PORT": chosen.demo_ouedkniss_port,
    }
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                hint = f"is Hanout running already? Else choose another: {name}={port + 1000} make run"
                raise SettingsError(f"Port {port} is taken; {hint}") from None


def create_accounts(demo: Demo) -> None:
    """The demo's owner and a member of staff; an account that is there already stays as it is."""
    for email, name, role in ((*OWNER, "owner"), (*STAFF, "staff")):
        command = ["flask", "--app", "webapp", "users", "create-admin", email, "--name", name, "--role", role]
        subprocess.run(
            processes.program(*command, "--password-stdin"),
            input=PASSWORD + "\n",
            text=True,
            check=False,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, **demo.environment},
        )


def live_through(demo: Demo, show: Show) -> None:
    """Crawls one simulated day after another. Half way the agent buys in auto within the demo's budget; what it bought
    stands in the shop the evening after, and people come."""
    days = demo.chosen.demo_days
    opens = days // 2
    lived, first_crawl = demo.lived()
    if not lived and demo.chosen.agent_budget_total:
        demo.put_in_capital(first_crawl)
    if lived < opens:
        crawl_days(demo, show, range(lived, opens), first_crawl)
        decide(demo, show, f"Day {opens}", "auto")
        demo.note(opens, first_crawl)
    crawl_days(demo, show, range(max(lived, opens), days), first_crawl)
    let_people_come(demo, show, first_crawl + timedelta(days=opens), days - opens - 1)
    demo.note(days, first_crawl)


def let_people_come(demo: Demo, show: Show, evening: datetime, days: int) -> None:
    """On this evening what was bought is received; then people come on each of so many days."""
    show.say("The shop opens")
    later = (evening + timedelta(hours=1)).isoformat()
    demo.step("what has arrived", processes.python("scheduler.py", "--job", "purchases", "--at", later))
    if days > 0:
        show.say(f"People come to the shop, {days} days of them")
        command = processes.python("-m", "demo", "shoppers", "--days", str(days), "--known", str(KNOWN))
        demo.step("the shoppers", command)


def crawl_days(demo: Demo, show: Show, days: range, first_crawl: datetime) -> None:
    """Crawls the market on each of these days, in one process."""
    times = [first_crawl + timedelta(days=day) for day in days]
    command = processes.python("scheduler.py", "--job", "crawl")

    def look() -> None:
        day = (demo.clock() - first_crawl).days
        if day in days:
            show.say(f"Day {day + 1}: crawling the market", day)

    demo.step("the crawls", [*command, *(part for time in times for part in ("--at", time.isoformat()))], look)
    show.say(f"Day {days.stop} is crawled", days.stop)


def decide(demo: Demo, show: Show, when: str, mode: str) -> None:
    """Builds the marts and lets the agent act on them; the clock's first build tests their data, too."""
    show.say(f"{when}: the marts are built, and the agent decides ({mode})")
    demo.step("the agent's mode", processes.python("-m", "reseller", "control", "--mode", mode, "--who", "demo"))
    demo.jobs("marts", "agent", options=("--untested",))
    if mode == "auto":
        order_after_the_wait(demo)


def order_after_the_wait(demo: Demo) -> None:
    """What the agent approved itself leaves once it has waited for an objection, by the market's clock."""
    later = demo.clock() + timedelta(minutes=demo.chosen.agent_wait_minutes)
    command = processes.python("scheduler.py", "--job", "purchases", "--at", later.isoformat())
    demo.step("the purchases", command)


def present(demo: Demo, show: Show) -> None:
    """One cycle at the present, so that the shop shows today; what the agent proposes now waits for a person."""
    demo.set_clock(None)
    show.say("Today: crawling the market", demo.chosen.demo_days)
    demo.jobs("crawl")
    decide(demo, show, "Today", "approve")
    show.say("The market is at today", demo.chosen.demo_days + 1)


class Show:
    """The progress bar; where the output is no terminal, a line for each step."""

    def __init__(self, progress: Progress, total: int, done: int) -> None:
        self.progress = progress
        self.task = progress.add_task("Starting", total=total, completed=done)
        self.said = ""

    def say(self, text: str, done: int | None = None) -> None:
        self.progress.update(self.task, description=text, completed=done)
        if text != self.said and not console.is_terminal:
            console.print(text)
        self.said = text


def bars() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def welcome(demo: Demo) -> None:
    console.print(f"""
[bold green]{demo.chosen.shop_name} is open.[/]

  Shop      {demo.shop}/
  Console   {demo.shop}/console
  API       {demo.shop}/api/docs
  Market    {demo.market}/  (the demo market the agent watches)

  Owner     {OWNER[0]}   {PASSWORD}
  Staff     {STAFF[0]}      {PASSWORD}

  The agent has bought by itself; now it asks first, in the console.
  People order by day. The staff calls them the next afternoon, unless you do.
  Logs are in {os.path.relpath(demo.logs)}. Ctrl-C stops everything.
""")


def run(demo: Demo) -> None:
    """Starts everything, lives through the past if there is none, and serves until stopped."""
    begun = time.monotonic()
    demo.step("the migrations", processes.python("-m", "database", "upgrade"))
    clock_of_market = demo.market + "/_market/clock"
    demo.keep("market", processes.python("-m", "demo", "serve"), clock_of_market)
    demo.keep("web", processes.python("-m", "webapp", "--clock", clock_of_market), demo.shop + "/")
    with bars() as progress:
        if demo.lived()[0] < demo.chosen.demo_days:
            create_accounts(demo)
            show = Show(progress, demo.chosen.demo_days + 1, demo.lived()[0])
            live_through(demo, show)
            present(demo, show)
        demo.set_clock(None)
    people = processes.python("-m", "demo", "shoppers", "--known", str(KNOWN))
    busy = {
        name: processes.start(command, demo.environment, demo.logs / f"{name}.log")
        for name, command in {"scheduler": processes.python("scheduler.py"), "shoppers": people}.items()
    }
    for process in busy.values():
        demo.stack.enter_context(processes.running(process))
    console.print(f"Ready after {time.monotonic() - begun:.0f} s.")
    welcome(demo)
    while not stopping.wait(0.5):
        for name, process in busy.items():
            if process.poll() is not None:
                raise processes.ProcessFailed(f"the {name} ended; see {demo.logs / name}.log")


def main() -> int:
    chosen = settings()
    refuse_other_machines(chosen)
    refuse_taken_ports(chosen)
    processes.set_on_signals(stopping)
    with contextlib.ExitStack() as stack, contextlib.suppress(Stopped):
        run(Demo(chosen, stack))
    console.print("Stopped. What was done is kept; `make run` goes on from here.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (SettingsError, processes.ProcessFailed, httpx.HTTPError) as error:
        sys.exit(str(error))
