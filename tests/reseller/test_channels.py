"""Channels that nothing is sent to: our shop, the feeds, and ads that a person posts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import scheduler
from database import shop
from database.channels import CHANNELS, ChannelListing
from reseller import __main__ as command
from reseller import channels
from reseller.channels import local, sync
from reseller.channels.offers import offer_of
from reseller.channels.ouedkniss import TITLE_LENGTH, advertisement
from reseller.refusals import Refused
from tests import factories
from tests.factories import NOON
from tests.webapp import assortment

AD = "https://www.ouedkniss.com/casques-oraimo-alger-d1"


@pytest.fixture
def product(work: Session, configure: Any) -> shop.Product:
    configure(SHOP_PICTURES="source")
    listing = factories.listing(work, image_urls=["https://dz.jumia.is/casque.jpg"])
    made = assortment.sell(work, listing, "4900", units=2)
    work.commit()
    return made


def states(work: Session) -> dict[str, tuple[str, str | None]]:
    work.rollback()
    found = work.scalars(sa.select(ChannelListing).execution_options(populate_existing=True))
    return {each.channel: (each.state, each.last_error) for each in found}


def sell_out(work: Session, product: shop.Product) -> None:
    movement = {
        "kind": "loss",
        "quantity": -2,
        "reason": "broken",
        "who": "test",
        "idempotency_key": "loss",
        "at": NOON,
    }
    work.add(shop.StockMovement(product_id=product.id, **movement))
    work.commit()


def test_every_channel_has_the_same_interface_and_the_vendor_center_needs_an_application(configure: Any) -> None:
    names = {channel.name for channel in channels.configured()}
    assert names == set(CHANNELS) - {"jumia_vendor"}
    configure(VENDOR_CENTER_CLIENT_ID="client")
    assert [channel.name for channel in channels.configured() if channel.sells_by_itself] == ["jumia_vendor"]
    with pytest.raises(LookupError):
        channels.named("amazon")


def test_what_is_for_sale_is_live_and_what_is_sold_out_is_withdrawn(work: Session, product: shop.Product) -> None:
    assert sync.run(NOON) == {}
    assert states(work) == {
        "storefront": ("live", None),
        "facebook": ("live", None),
        "google": ("live", None),
        "ouedkniss": ("waiting", "post the ad"),
    }
    sell_out(work, product)
    sync.run(NOON)
    assert {state for state, _ in states(work).values()} == {"withdrawn"}


def test_a_product_that_breaks_a_rule_of_a_feed_has_failed_there_and_says_which(
    work: Session, product: shop.Product
) -> None:
    work.execute(sa.update(shop.Listing).values(title="CASQUE BLUETOOTH PROMOTION"))
    work.commit()
    sync.run(NOON)
    assert states(work)["google"] == ("failed", "a title is not in capitals")
    assert states(work)["storefront"][0] == "live"


def test_an_ad_is_posted_changed_and_taken_down_by_a_person(work: Session, product: shop.Product) -> None:
    sync.run(NOON)
    for address in ("https://ouedkniss.com.evil.dz/x", "javascript:alert(1)"):
        assert command.main(["channels", "--posted", product.sku, address]) == 1
    assert command.main(["channels", "--posted", product.sku, AD]) == 0
    sync.run(NOON)
    assert states(work)["ouedkniss"] == ("live", None)
    work.execute(sa.update(shop.Listing).values(price=Decimal(5200)))
    work.commit()
    sync.run(NOON)
    assert states(work)["ouedkniss"] == ("waiting", "change the ad: its text or price is not ours any more")
    assert command.main(["channels", "--posted", product.sku, AD]) == 0
    sell_out(work, product)
    sync.run(NOON)
    assert states(work)["ouedkniss"] == ("waiting", "take the ad down: there is nothing left to sell")
    assert command.main(["channels", "--posted", product.sku, AD]) == 1
    assert command.main(["channels", "--withdrawn", product.sku]) == 0
    sync.run(NOON)
    assert states(work)["ouedkniss"] == ("withdrawn", None)


def test_the_clock_has_an_ad_of_what_is_sold_out_taken_down(
    work: Session, product: shop.Product, configure: Any
) -> None:
    sync.run(NOON)
    assert command.main(["channels", "--posted", product.sku, AD]) == 0
    sell_out(work, product)
    chosen = configure(MARKETS="live")
    assert scheduler.run("channels", chosen, scheduler.Market(chosen))
    assert states(work)["ouedkniss"] == ("waiting", "take the ad down: there is nothing left to sell")


def test_an_ad_of_nothing_cannot_be_taken_down(work: Session, product: shop.Product) -> None:
    with pytest.raises(Refused, match="no ad"):
        local.mark_withdrawn(work, product.id, NOON)
    assert command.main(["channels", "--withdrawn", "HN-404"]) == 1


def test_an_ad_is_ready_to_paste_in_two_languages_with_our_own_number_alone(
    work: Session, product: shop.Product, capsys: pytest.CaptureFixture[str]
) -> None:
    work.execute(sa.update(shop.Listing).values(title="Casque Bluetooth Oraimo avec réduction de bruit " * 2))
    work.commit()
    offer = offer_of(work, product.id)
    assert offer
    ad = advertisement(offer)
    assert len(ad.title) <= TITLE_LENGTH
    assert ad.category == "electronique_electromenager"
    assert "Prix : 4\u202f900\u00a0DA" in ad.text_fr
    assert "الدفع عند الاستلام" in ad.text_ar
    assert ad.pictures == ("https://dz.jumia.is/casque.jpg",)
    assert ad.text_fr.count("0550") == 1
    assert command.main(["channels", "--ad", product.sku]) == 0
    assert "4900 DA, electronique_electromenager" in capsys.readouterr().out


def test_the_states_and_errors_are_printed(
    work: Session, product: shop.Product, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["channels", "--sync"]) == 0
    told = capsys.readouterr().out
    assert "storefront   1 live" in told
    assert f"  {product.sku} waiting: post the ad" in told
    assert "jumia_vendor nothing" in told


def test_only_a_channel_that_sells_by_itself_shows_units_of_its_own(work: Session, product: shop.Product) -> None:
    work.add(ChannelListing(product_id=product.id, channel="facebook", state="live", shown=1, changed_at=NOON))
    with pytest.raises(sa.exc.IntegrityError, match="shown_by_sellers"):
        work.flush()
