"""The commands `reprice` and `why` of `python -m reseller`."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable
from datetime import UTC, datetime

import database
from reseller import candidates, repricing
from reseller.wording import dinars


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser], instant: Callable[[str], datetime]) -> None:
    """Adds both to the commands of `python -m reseller`."""
    prices = commands.add_parser("reprice", help="change our prices by the rules, or say what would change")
    prices.add_argument("--now", type=instant, help="the time to decide at, ISO 8601; default: the clock")
    prices.add_argument("--test", action="store_true", help="only say what would change")
    prices.add_argument("--all", action="store_true", help="name the prices that stay too")
    prices.add_argument("--undo", type=int, metavar="CHANGE", help="take a change back; the price then rests a week")
    prices.add_argument("--who", default=getpass.getuser(), help="who changes them (your user name)")
    prices.set_defaults(act=reprice)
    asked = commands.add_parser("why", help="why a market listing is bought or not")
    asked.add_argument("listing", type=int, help="id of the market listing")
    asked.set_defaults(act=why)
    for command in (prices, asked):
        command.add_argument("--language", choices=("fr", "ar", "en"), default="en")


def reprice(given: argparse.Namespace) -> None:
    """Reprices the shelf, or says what it would do, or takes a change back.

    Raises:
        Refused: as `repricing.undo`.
    """
    now = given.now or datetime.now(UTC)
    if given.undo is not None:
        with database.session() as work:
            change = repricing.undo(work, given.undo, who=given.who, now=now)
            print(change.reasons[given.language])
            work.commit()
        return
    if given.test:
        with database.session() as work:
            planned = repricing.plan(work, now)
    else:
        planned = repricing.run(now)
    changing = [one for one in planned if one.changes]
    for one in changing if not given.all else planned:
        print(f"{one.listing_id:6} {one.title[:50]:50} {dinars(one.decision.price):>12}  {one.reason(given.language)}")
    done = "would change (test mode, nothing is changed)" if given.test else "to change"
    print(f"{len(changing)} of {len(planned)} prices {done}")


def why(given: argparse.Namespace) -> None:
    """Says why a listing is or is not bought.

    Raises:
        Refused: `not_found`.
    """
    with database.session() as work:
        print(candidates.why(work, given.listing)[given.language])
