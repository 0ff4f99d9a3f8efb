"""Each offer that was looked at is kept with its numbers, and "why not this one" has an answer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import agent, market, marts
from reseller import candidates, control, proposals, wording
from reseller.__main__ import main
from reseller.refusals import Refused
from reseller.sentences import PRICES, VERDICTS
from tests import factories
from tests.factories import NOON
from tests.reseller import shelf
from tests.reseller.conftest import Offer


def kept(work: Session) -> dict[int, agent.Candidate]:
    return {one.listing_id: one for one in work.scalars(sa.select(agent.Candidate))}


def test_what_is_taken_is_kept_with_its_numbers_and_its_proposal(work: Session, offer: Offer) -> None:
    listing = offer(price=5000)
    [proposal] = proposals.propose(work, NOON)
    one = kept(work)[listing.id]
    assert (one.verdict, one.quantity, one.proposal_id) == ("taken", proposal.quantity, proposal.id)
    assert (one.price, one.landed_cost, one.sale_price) == (5000, 5250, proposal.sale_price)
    assert one.rate_low is not None
    assert one.rate is not None
    assert one.rate_high is not None
    assert 0 < one.rate_low < one.rate < one.rate_high
    assert one.expected_profit is not None
    assert one.downside is not None
    assert one.downside < 0 < one.expected_profit
    for language, word in (("fr", "bénéfice attendu"), ("ar", "الربح المتوقع"), ("en", "if demand disappoints")):
        assert word in str(one.reasons[language])


@pytest.mark.parametrize(
    ("values", "verdict", "word"),
    [
        ({"price": 300}, "margin", "Too little margin"),
        ({"price": 5000, "rating_count_gain_7d": 0, "confidence": Decimal("0.15")}, "slow", "too slowly"),
        ({"price": 90_000}, "cap_product", "cap for one product"),
    ],
    ids=str,
)
def test_what_is_not_taken_is_kept_with_an_honest_sentence(
    work: Session, offer: Offer, values: dict[str, Any], verdict: str, word: str
) -> None:
    listing = offer(**values)
    assert proposals.propose(work, NOON) == []
    one = kept(work)[listing.id]
    assert (one.verdict, one.quantity, one.proposal_id) == (verdict, 0, None)
    assert word in candidates.why(work, listing.id)["en"]


def test_what_waits_is_on_its_way_or_in_stock_says_so(work: Session, offer: Offer) -> None:
    control.change(work, who="owner", mode="approve")
    waiting, in_stock = offer(price=5000), offer(price=5200)
    shelf.stand(work, in_stock)
    [one] = proposals.propose(work, NOON)
    proposals.propose(work, NOON + timedelta(hours=1))
    assert candidates.why(work, waiting.id)["en"].endswith("the decision is open.")
    assert candidates.why(work, in_stock.id)["en"].endswith("We still have enough of it.")
    proposals.approve(work, one.id, who="owner", reason="", now=NOON)
    proposals.propose(work, NOON + timedelta(hours=2))
    assert candidates.why(work, waiting.id)["en"].endswith("it is on its way.")


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"is_resellable": False}, "Not something our shop resells."),
        ({"price_kind": "from"}, "No price at which one could order."),
        ({"availability": "unknown"}, "Sold out, or nobody knows."),
        ({"confidence": Decimal("0.05")}, "Too little is known: hardly a rating or a sighting."),
        ({"score": Decimal(20)}, "Neither rising nor cheaper than usual."),
    ],
    ids=str,
)
def test_what_was_not_even_looked_at_has_its_reason_too(
    work: Session, offer: Offer, values: dict[str, Any], word: str
) -> None:
    listing = offer(**values)
    proposals.propose(work, NOON)
    assert kept(work) == {}
    assert candidates.why(work, listing.id)["en"] == word


def test_what_is_cheaper_than_usual_is_looked_at_though_it_does_not_trend(work: Session, offer: Offer) -> None:
    cheap = offer(price=5000, score=Decimal(35))
    work.execute(sa.update(marts.trending_products_v2).values(price_vs_median_pct=Decimal(-25)))
    for back in range(30):
        factories.mart_day(work, cheap, (NOON - timedelta(days=back)).date(), Decimal(5000 if back < 2 else 6700))
    [one] = proposals.propose(work, NOON)
    assert kept(work)[cheap.id].reference_price == 6700
    assert one.listing_id == cheap.id


def test_a_price_that_does_not_look_like_its_product_is_left_alone(work: Session, offer: Offer) -> None:
    listing = offer(price=5)
    for back in range(30):
        factories.mart_day(work, listing, (NOON - timedelta(days=back)).date(), Decimal(5000))
    assert proposals.propose(work, NOON) == []
    assert kept(work)[listing.id].verdict == "wild_price"


def test_candidates_are_kept_for_a_month_and_no_longer(work: Session, offer: Offer) -> None:
    offer(price=300)
    proposals.propose(work, NOON)
    proposals.propose(work, NOON)
    proposals.propose(work, NOON + candidates.KEPT)
    assert work.scalar(sa.select(sa.func.count()).select_from(agent.Candidate)) == 2
    proposals.propose(work, NOON + candidates.KEPT + timedelta(minutes=1))
    assert work.scalar(sa.select(sa.func.min(agent.Candidate.cycle_at))) == NOON + candidates.KEPT


@pytest.mark.parametrize(
    ("rate", "fr", "en"),
    [(0.000083, "0,000083", "0.000083"), (0.25, "0,25", "0.25"), (1.25, "1,2", "1.2"), (123.4, "123", "123")],
)
def test_a_rate_is_written_as_the_language_writes_numbers(rate: float, fr: str, en: str) -> None:
    said = {language: wording.fill("{rate}", {"rate": rate}, language) for language in ("fr", "ar", "en")}
    assert said == {"fr": fr, "ar": fr, "en": en}


def test_the_command_line_answers_why_not(work: Session, offer: Offer, capsys: pytest.CaptureFixture[str]) -> None:
    listing = offer(price=300)
    proposals.propose(work, NOON)
    work.commit()
    assert main(["why", str(listing.id), "--language", "fr"]) == 0
    assert "Pas assez de marge" in capsys.readouterr().out
    assert main(["why", "999999"]) == 1
    with pytest.raises(Refused):
        candidates.why(work, 999_999)


def test_a_seller_whom_buyers_rate_badly_is_not_bought_from(work: Session, offer: Offer) -> None:
    listing = offer(price=5000)
    work.execute(sa.update(market.Listing).values(seller_name="Bad Shop"))
    work.execute(
        sa.insert(marts.seller_performance).values(
            marketplace="jumia", country="dz", seller_id="Bad Shop", seller_name="Bad Shop", rating=Decimal("2.1")
        )
    )
    assert proposals.propose(work, NOON) == []
    assert kept(work)[listing.id].verdict == "bad_seller"


def test_what_sells_with_us_is_bought_again_before_it_runs_out(work: Session, offer: Offer) -> None:
    listing = offer(price=5000)
    ours = shelf.stand(work, listing, units=6, since=NOON - timedelta(days=6))
    for day in range(1, 6):
        shelf.sell(work, ours.product_id, 1, at=NOON - timedelta(days=day))
    [again] = proposals.propose(work, NOON)
    assert again.listing_id == listing.id
    rate = kept(work)[listing.id].rate
    assert rate is not None
    assert rate > Decimal("0.3")


@pytest.mark.parametrize("sentences", [VERDICTS, PRICES], ids=["verdicts", "prices"])
def test_every_sentence_is_there_in_three_languages_and_names_the_same_numbers(sentences: Any) -> None:
    import string

    for key, texts in sentences.items():
        assert set(texts) == {"fr", "ar", "en"}, key
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
        assert fields[0] == fields[1] == fields[2], key
