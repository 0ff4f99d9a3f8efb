"""python -m demo.season --seed N --days 120 --policy agent: judges a policy over a season of this economy.

The judge reads the business's books, which the demo must not know, so it stands outside; this only calls it.
"""

from __future__ import annotations

import sys
from importlib import import_module

if __name__ == "__main__":
    sys.exit(import_module("benchmarks.season.command").main())
