"""What a crawl has brought and nobody has stored yet."""

from __future__ import annotations

import time

from pipelines.gone import Gone
from pipelines.health import Coverage
from pipelines.offer import Offer
from pipelines.records import Batch, CrawlStart
from pipelines.reject import Reject
from pipelines.sightings import Sightings

_MOST_GONE = 0.5
_FEWEST_GONE = 5


class Intake:
    """Collects the items of one crawl into batches.

    Attributes:
        offers: listings seen, each counted once.
        gone: words of listings that are no more; they wait for the end, since a failed crawl is not believed.
        coverage: what the offers of the batches say.
    """

    def __init__(self) -> None:
        self.offers = 0
        self.gone: list[Gone] = []
        self.coverage = Coverage()
        self._sightings = Sightings()
        self._offers: list[Offer] = []
        self._rejects: list[Reject] = []
        self._since = 0.0

    def add(self, item: Offer | Reject | Gone) -> bool:
        """Takes an item in. Returns False for a listing that this crawl has seen before."""
        if isinstance(item, Gone):
            self.gone.append(item)
            return True
        if isinstance(item, Offer) and not self._sightings.add(item):
            return False
        if not self._offers and not self._rejects:
            self._since = time.monotonic()
        if isinstance(item, Offer):
            self._offers.append(item)
        else:
            self._rejects.append(item)
        return True

    @property
    def waiting(self) -> int:
        """Offers and rejects that wait, in items."""
        return len(self._offers) + len(self._rejects)

    def older_than(self, seconds: float) -> bool:
        """Whether an offer or a reject has waited for longer."""
        return self.waiting > 0 and time.monotonic() - self._since > seconds

    def take(self, crawl: CrawlStart) -> Batch | None:
        """A batch of all that waits; None if nothing does."""
        offers, rejects = self._offers, self._rejects
        if not offers and not rejects:
            return None
        self._offers, self._rejects = [], []
        self.offers += len(offers)
        self.coverage.add(offers)
        return Batch(crawl=crawl, offers=offers, rejects=rejects, first_sightings=len(offers))

    def doubt(self, product_pages: int) -> str | None:
        """Why the gone listings are not believed: a shop in trouble may lead every address to its home page.

        Args:
            product_pages: addresses of products that did lead to a product.
        """
        gone = len(self.gone)
        asked = gone + product_pages
        if gone < _FEWEST_GONE or gone <= asked * _MOST_GONE:
            return None
        return f"{gone} of {asked} product addresses lead nowhere: more likely the shop's trouble than theirs"
