"""`python -m reseller feeds` and `python -m reseller channels`."""

from __future__ import annotations

import argparse
import getpass
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from config import settings
from database.channels import CHANNELS, ChannelOrder
from database.shop import Product
from reseller.channels import feeds, local, rows, sync, tokens
from reseller.channels.offers import Offer, offer_of
from reseller.channels.ouedkniss import advertisement
from reseller.refusals import Refused


def add_feeds(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """The command `feeds`."""
    parser = commands.add_parser("feeds", help="write the product feeds of Facebook and Google")
    parser.add_argument("--folder", type=Path, help="where to (DATA_DIR/feeds)")
    parser.add_argument("--language", choices=("fr", "ar", "en"), default=settings().shop_language)
    parser.set_defaults(act=write_feeds)
    return parser


def write_feeds(given: argparse.Namespace) -> None:
    """Writes each feed and tells what was left out, and why."""
    folder: Path = given.folder or settings().data_dir / "feeds"
    with database.session() as work:
        for feed, name in feeds.FILES.items():
            report = feeds.write(work, feed, folder, given.language)
            print(f"{folder / name}: {report.written} products")
            left_out = Counter(code for codes in report.left_out.values() for code in codes)
            for code, count in sorted(left_out.items()):
                print(f"  left out: {count} products break {code}")
            for code, count in sorted(report.warned.items()):
                print(f"  warning: {count} products break {code}")


def add_channels(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], instant: Callable[[str], datetime]
) -> argparse.ArgumentParser:
    """The command `channels`."""
    parser = commands.add_parser("channels", help="how our products stand on each channel, and what went wrong")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--sync", action="store_true", help="bring every channel up to date first")
    what.add_argument("--token", action="store_true", help="give a new refresh token of the Vendor Center (asked for)")
    what.add_argument("--ad", metavar="SKU", help="print the ad of a product for Ouedkniss")
    what.add_argument("--posted", nargs=2, metavar=("SKU", "ADDRESS"), help="the ad stands on Ouedkniss now")
    what.add_argument("--withdrawn", metavar="SKU", help="the ad was taken down from Ouedkniss")
    parser.add_argument("--now", type=instant, help="the time to do it at, ISO 8601; default: the clock")
    parser.set_defaults(act=show_channels)
    return parser


def show_channels(given: argparse.Namespace) -> int:
    """Does what was asked, then prints the states and the errors; 1 where a channel could not be brought up to date.

    Raises:
        Refused: what a person reports cannot be.
    """
    now = given.now or datetime.now(UTC)
    troubles: dict[str, str] = {}
    if given.token:
        tokens.give("jumia_vendor", getpass.getpass("refresh token: "))
    elif given.ad:
        _print_ad(given.ad)
        return 0
    elif given.posted or given.withdrawn:
        _report(given, now)
    elif given.sync:
        troubles = sync.run(now)
        for name, trouble in troubles.items():
            print(f"{name}: {trouble}")
    _print_states()
    return 1 if troubles else 0


def _report(given: argparse.Namespace, now: datetime) -> None:
    with database.session() as work:
        if given.withdrawn:
            local.mark_withdrawn(work, local.product_of(work, given.withdrawn), now)
        else:
            sku, address = given.posted
            local.mark_posted(work, _offer(work, sku), address, now)
        work.commit()


def _offer(work: Session, sku: str) -> Offer:
    found = offer_of(work, local.product_of(work, sku))
    if found is None:
        raise Refused("not_found", f"{sku} was never listed in our shop.", sku=sku)
    return found


def _print_ad(sku: str) -> None:
    with database.session() as work:
        ad = advertisement(_offer(work, sku))
    print(f"{ad.title}\n{ad.price} DA, {ad.category}\n\n{ad.text_fr}\n\n{ad.text_ar}")
    for picture in ad.pictures:
        print(picture)


def _print_states() -> None:
    with database.session() as work:
        for name in CHANNELS:
            found = rows.of_channel(work, name)
            counts = Counter(each.state for each in found)
            told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "nothing"
            shown = sum(each.shown for each in found)
            print(f"{name:13}{told}{f', {shown} units shown' if shown else ''}")
            skus = dict(work.execute(sa.select(Product.id, Product.sku)).tuples().all()) if found else {}
            for each in found:
                if each.last_error:
                    print(f"  {skus[each.product_id]} {each.state}: {each.last_error}")
        for order in work.scalars(sa.select(ChannelOrder).where(ChannelOrder.error.is_not(None))):
            print(f"order {order.external_id} on {order.channel}, {order.state}: {order.error}")
