"""The demo market.

python -m demo serve               the living market: shop and classifieds, until stopped
python -m demo replay              the saved pages of real markets, until stopped
python -m demo shoppers            people who come to our shop as the market's days go by, until stopped
python -m demo shoppers --days 7   the next seven days of them at once: sets the market's clock
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
from demo.shoppers import MOST_KNOWN, Standing


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


def shoppers(chosen: Settings, shop: str | None, days: int | None, known: float) -> int:
    """Lets people come; prints what happens."""
    from demo import visits
    from demo.desk import NoEntry

    address = shop or f"http://{chosen.web_host}:{chosen.web_port}"
    try:
        visits.run(chosen, address, days, known)
    except httpx.HTTPError as error:
        market = f"http://127.0.0.1:{chosen.demo_jumia_port}"
        print(f"demo: {error}: the market ({market}) and the shop ({address}) have to be running", file=sys.stderr)
        return 1
    except (NoEntry, visits.AlreadyComing, visits.TownLost) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 400")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= MOST_KNOWN:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to {MOST_KNOWN}")
    return share


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="the living market, until stopped")
    commands.add_parser("replay", help="the saved pages of real markets, until stopped")
    of_clock = commands.add_parser("clock", help="the running market's time")
    choice = of_clock.add_mutually_exclusive_group()
    choice.add_argument("--set", metavar="ISO", dest="fixed", help="fixes the time")
    choice.add_argument("--live", action="store_true", help="lets the wall clock run")
    people = commands.add_parser("shoppers", help="people who come to our shop, and its staff and carrier")
    people.add_argument("--shop", metavar="URL", help="address of our shop (that of WEB_HOST and WEB_PORT)")
    people.add_argument("--days", type=_days, metavar="N", help="live through so many days at once; else until stopped")
    people.add_argument(
        "--known", type=_share, default=Standing().known, metavar="SHARE", help="of buyers who know us at first (0.015)"
    )
    given = parser.parse_args(arguments)
    chosen = settings()
    if given.command == "shoppers":
        return shoppers(chosen, given.shop, given.days, given.known)
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
