"""python -m webapp [--clock URL]: serves the shop and the console on WEB_HOST:WEB_PORT until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from types import FrameType

import httpx
import waitress

from config import SettingsError, settings
from webapp import create_app


def clock_at(address: str) -> Callable[[], datetime]:
    """The time that an address says as `{"now": ISO 8601}`; what it does not say fails the request that asked."""
    client = httpx.Client(trust_env=False, timeout=10)

    def read() -> datetime:
        return datetime.fromisoformat(client.get(address).raise_for_status().json()["now"])

    return read


def serve(arguments: list[str] | None = None) -> int:
    """Serves until told to stop; prints one line when ready. Exit code 1 if the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m webapp", description="The shop and the console.")
    parser.add_argument("--clock", metavar="URL", help="goes by the clock of the demo's market, not by this machine's")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=settings().log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    app = create_app(**{"CLOCK": clock_at(given.clock)} if given.clock else {})
    try:
        server = waitress.create_server(app, host=settings().web_host, port=settings().web_port, threads=8, ident=None)
    except OSError as error:
        print(f"WEB_HOST:WEB_PORT {settings().web_host}:{settings().web_port}: {error.strerror}", file=sys.stderr)
        return 1

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    print(f"{settings().shop_name} is open on http://{settings().web_host}:{server.effective_port}", flush=True)
    try:
        server.run()
    finally:
        server.close()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(serve())
    except KeyboardInterrupt:
        sys.exit(0)
    except SettingsError as error:
        sys.exit(str(error))
