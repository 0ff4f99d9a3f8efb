"""What the pipelines keep of a crawl does not grow with its offers. `make bench` measures the whole process."""

from __future__ import annotations

import tracemalloc
from typing import Any

from pipelines.intake import Intake
from pipelines.normalise import NormalisePipeline
from pipelines.quarantine import QuarantinePipeline
from pipelines.scrub import ScrubPipeline
from pipelines.validate import ValidatePipeline
from tests.pipelines.offers import crawl, offer

OFFERS = 60_000
WARM_UP = 200_000
BATCH = 500


def test_the_pipelines_keep_a_few_bytes_an_offer() -> None:
    class Stats:
        def __init__(self) -> None:
            self.values: dict[str, int] = {}

        def inc_value(self, name: str) -> None:
            self.values[name] = self.values.get(name, 0) + 1

    class Told:
        stats = Stats()

    told: Any = Told()
    pipelines = [ScrubPipeline(), ValidatePipeline(), NormalisePipeline(told), QuarantinePipeline(told)]
    intake, of = Intake(), crawl()

    def pass_on(first: int, last: int) -> None:
        for number in range(first, last):
            item: Any = offer(
                number,
                title=f"Casque  numéro {number}",
                brand=f"Marque {number % 5000}",
                category_path=["Audio", f"Famille {number % 300}"],
            )
            for pipeline in pipelines:
                item = pipeline.process_item(item)
            intake.add(item)
            if intake.waiting >= BATCH:
                intake.take(of)

    pass_on(1, WARM_UP)  # caches are full, buckets made
    tracemalloc.start()
    try:
        pass_on(WARM_UP, WARM_UP + OFFERS)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(told.stats.values) < 10
    assert intake.offers + intake.waiting == WARM_UP + OFFERS - 1
    assert grown < OFFERS * 40, f"{grown / OFFERS:.0f} bytes an offer"
