"""The demo market.

python -m demo serve               the living market: shop and classifieds, until stopped
python -m demo replay              the saved pages of real markets, until stopped
python -m demo clock               what time it is in the running market
python -m demo clock --set ISO     fixes the time, such as 2026-05-01T12:00:00Z
python -m demo clock --live        lets the wall clock run
"""

from __future__ import annotations

import argparse
import json
import sys

import httpx

from config import Settings, SettingsError, settings


def clock(chosen: Settings, *, fixed: str | None, live: bool) -> int:
    """Reads or sets the running market's clock; prints its state as JSON."""
    address = f"http://127.0.0.1:{chosen.demo_jumia_port}/_market/clock"
    try:
        with httpx.Client(trust_env=False, timeout=10) as client:
            answer = client.put(address, json={"now": fixed}) if fixed or live else client.get(address)
    except httpx.HTTPError as error:
        print(f"demo: no market answers at {address} ({error}); start it with: python -m demo serve", file=sys.stderr)
        return 1
    if not answer.is_success:
        print(f"demo: {answer.json()['error']}", file=sys.stderr)
        return 2
    print(json.dumps(answer.json()))
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="the living market, until stopped")
    commands.add_parser("replay", help="the saved pages of real markets, until stopped")
    of_clock = commands.add_parser("clock", help="the running market's time")
    choice = of_clock.add_mutually_exclusive_group()
    choice.add_argument("--set", metavar="ISO", dest="fixed", help="fixes the time")
    choice.add_argument("--live", action="store_true", help="lets the wall clock run")
    given = parser.parse_args(arguments)
    chosen = settings()
    if given.command == "clock":
        return clock(chosen, fixed=given.fixed, live=given.live)
    if given.command == "replay":
        from demo import replay

        replay.serve()
        return 0
    from demo import serve

    try:
        serve.serve(chosen)
    except serve.PortTaken as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SettingsError as error:
        sys.exit(str(error))
