"""`python -m reseller feeds` and `python -m reseller channels`."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import database
from config import settings
from reseller.channels import feeds


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
