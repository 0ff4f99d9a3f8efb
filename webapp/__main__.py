"""python -m webapp: serves the shop and the console on WEB_HOST:WEB_PORT until SIGTERM or Ctrl-C."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType

import waitress

from config import SettingsError, settings
from webapp import create_app


def serve() -> int:
    """Serves until told to stop; prints one line when ready. Exit code 1 if the port is taken."""
    logging.basicConfig(level=settings().log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app = create_app()
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
