"""The agent from the command line: one cycle, and what it may do."""

from __future__ import annotations

import argparse
import getpass
import logging
import sys
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import sqlalchemy as sa

import database
from config import SettingsError, settings
from database.agent import MODES, Control
from reseller import control, counter, cycle, money, price_commands, purchase_commands
from reseller.channels import commands as channels
from reseller.refusals import Refused
from reseller.wording import dinars


def instant(text: str) -> datetime:
    """An ISO 8601 time; without an offset it is UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 time such as 2026-05-01T12:00:00Z") from None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def amount(text: str) -> Decimal:
    """A decimal number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None


def parser() -> argparse.ArgumentParser:
    """Every command, each with `act`, which does it; what it returns is the status, None for 0."""
    top = argparse.ArgumentParser(prog="python -m reseller", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="one cycle: propose, approve what it may, order, receive")
    run.add_argument("--now", type=instant, help="the time to decide at, ISO 8601; default: the clock")
    run.add_argument("--mode", choices=MODES, help="set the agent's mode first, and keep it")
    run.add_argument("--limit", type=int, default=20, help="most new proposals (20)")
    run.set_defaults(act=_run)
    change = commands.add_parser("control", help="show or change what the agent may do")
    change.set_defaults(act=_control)
    change.add_argument("--mode", choices=MODES)
    change.add_argument("--budget-day", type=amount, metavar="DZD")
    change.add_argument("--budget-total", type=amount, metavar="DZD")
    change.add_argument("--cap-product", type=amount, metavar="DZD")
    change.add_argument("--margin-floor", type=amount, metavar="FRACTION")
    switch = change.add_mutually_exclusive_group()
    switch.add_argument("--stop", metavar="REASON", help="throw the stop switch")
    switch.add_argument("--resume", action="store_true", help="release the stop switch")
    purchase_commands.add(commands, instant)
    price_commands.add(commands, instant)
    channels.add_feeds(commands)
    channels.add_channels(commands, instant)
    for command in (run, change):
        command.add_argument("--who", default=getpass.getuser(), help="who changes the settings (your user name)")
    run.set_defaults(act=_run)
    change.set_defaults(act=_control)
    counter.add(commands, instant, getpass.getuser())
    return top


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 done, 1 refused or impossible, 2 wrongly asked."""
    given = parser().parse_args(arguments)
    try:
        logging.basicConfig(level=settings().log_level, format="%(levelname)s %(name)s: %(message)s")
        logging.getLogger("httpx").setLevel(logging.WARNING)
        return given.act(given) or 0
    except SettingsError as error:
        print(error, file=sys.stderr)
    except Refused as refusal:
        print(f"refused ({refusal.code}): {refusal.message}", file=sys.stderr)
    except sa.exc.OperationalError as error:
        print(f"the database does not answer: {str(error.orig).strip()}", file=sys.stderr)
    except sa.exc.ProgrammingError as error:
        hint = "have the migrations run? (python -m database upgrade)"
        print(f"the database is not as it should be, {hint}: {str(error.orig).strip()}", file=sys.stderr)
    return 1


def _run(given: argparse.Namespace) -> None:
    if given.mode:
        with database.session() as work:
            control.change(work, who=given.who, mode=given.mode)
            work.commit()
    now = given.now or datetime.now(UTC)
    summary = cycle.run(now, limit=given.limit)
    print(f"agent at {now:%Y-%m-%d %H:%M} UTC, mode {summary.mode}{', STOPPED' if summary.stopped else ''}")
    if not summary.marts_built:
        print("  the marts are not built yet: run dbt build --project-dir analytics_sql")
    spent = sum((one.quantity * one.landed_cost for one in summary.proposed), Decimal(0))
    print(f"  proposed {len(summary.proposed)} purchases for {dinars(spent)}")
    if summary.approved:
        total = sum((order.total for order in summary.approved), Decimal(0))
        print(f"  approved {len(summary.approved)} purchases for {dinars(total)}")
    if summary.repriced:
        print(f"  prices changed or to change: {len(summary.repriced)}")
    if summary.refused:
        print(f"  refused by rule: {_counts(summary.refused)}")
    if summary.moved:
        print(f"  purchases now: {_counts(Counter(order.state for order in summary.moved))}")
    print(f"  {dinars(summary.tied_up)} tied up, {dinars(summary.remaining)} may still be reserved today")


def _control(given: argparse.Namespace) -> None:
    with database.session() as work:
        control.change(
            work,
            who=given.who,
            mode=given.mode,
            budget_per_day=given.budget_day,
            budget_total=given.budget_total,
            cap_per_product=given.cap_product,
            margin_floor=given.margin_floor,
        )
        if given.stop is not None:
            control.stop(work, given.who, given.stop)
        if given.resume:
            control.resume(work, given.who)
        row, budget = control.get(work), money.budget(work, datetime.now(UTC))
        work.commit()
    _show(row, budget)


def _show(row: Control, budget: money.Budget) -> None:
    print(f"mode {row.mode}, stop switch {'ON: ' + (row.stopped_reason or 'no reason') if row.stopped else 'off'}")
    print(f"a day     {dinars(budget.reserved_today)} of {dinars(budget.per_day)}")
    print(f"in all    {dinars(budget.tied_up)} of {dinars(budget.total)}")
    print(f"a product {dinars(budget.cap_per_product)} at most, margin at least {row.margin_floor:.1%}")
    print(f"changed by {row.changed_by} at {row.changed_at:%Y-%m-%d %H:%M} UTC")


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counter.items()))


if __name__ == "__main__":
    sys.exit(main())
