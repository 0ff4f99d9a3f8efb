"""Both sites in one process, on two ports of 127.0.0.1."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from datetime import UTC

import waitress.server
from flask import Flask

from config import Settings
from demo import controls, jumia, ouedkniss, supplier
from demo.faults import Faults, FaultyApplication
from demo.market import Market

HOST = "127.0.0.1"
THREADS = 8


class PortTaken(RuntimeError):
    """Another program listens on the port."""


def applications(market: Market, faults: Faults, token: str) -> tuple[Flask, Flask]:
    """The shop (with supplier and controls) and the classifieds."""
    shop, classifieds = jumia.create(market), ouedkniss.create(market)
    shop.register_blueprint(supplier.blueprint(market, token))
    shop.register_blueprint(controls.blueprint(market, faults))
    for app in (shop, classifieds):
        app.wsgi_app = FaultyApplication(  # type: ignore[method-assign]
            app.wsgi_app, faults, lambda: [("X-Market-Time", market.clock.now().astimezone(UTC).isoformat())]
        )
    return shop, classifieds


def _listen(port: int, setting: str) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise PortTaken(f"demo: port {port} on {HOST} is taken ({error.strerror}); set {setting}") from error
    return listening


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Prints one line when both ports listen.

    Raises:
        PortTaken: names the setting to change.
    """
    with contextlib.ExitStack() as open_things:
        sockets = [
            open_things.enter_context(_listen(settings.demo_jumia_port, "DEMO_JUMIA_PORT")),
            open_things.enter_context(_listen(settings.demo_ouedkniss_port, "DEMO_OUEDKNISS_PORT")),
        ]
        market = Market(settings.data_dir / "demo", settings.demo_seed, settings.demo_days)
        open_things.callback(market.close)
        if market.clock.seed != settings.demo_seed:
            print(f"demo: the world that is kept has seed {market.clock.seed}; DEMO_SEED is ignored", file=sys.stderr)
        market.ranking(market.moment())
        connections: dict[int, object] = {}
        servers = [
            waitress.server.create_server(app, map=connections, sockets=[listening], threads=THREADS, ident="demo")
            for app, listening in zip(applications(market, Faults(), supplier.TOKEN), sockets, strict=True)
        ]
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        addresses = " and ".join(f"http://{HOST}:{one.getsockname()[1]}" for one in sockets)
        print(f"demo: ready on {addresses}", flush=True)
        servers[0].run()
        for server in servers:
            server.close()


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)
