"""Which offers are the same product: against what people say of real offers, and from one run to the next."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
import sqlalchemy as sa
from sqlalchemy.orm import Session

import config
from database import dbt_plugin, market, marts
from tests.analytics_sql.conftest import Dbt
from tests.analytics_sql.market_rows import NOW, watched
from tests.analytics_sql.real_titles import real_offers
from tests.factories import crawl

PAIRS = config.ROOT / "tests" / "analytics_sql" / "product_pairs.csv"
PRODUCTS = (
    "build", "--resource-type", "seed", "--resource-type", "model",
    "--select", "+market_products", "+market_product_listings",
)  # fmt: skip
MEMBERS = ("build", "--resource-type", "seed", "--resource-type", "model", "--select", "+int_products__members")
COMPARED = """
    select count(*) from (
        select distinct one.signature, other.signature
        from intermediate.int_products__blocks as one
        join intermediate.int_products__blocks as other
            on one.block_key = other.block_key and one.signature < other.signature
        where not (one.is_guest and other.is_guest)
    )
"""


def store_real_offers(work: Session, shared: Path) -> dict[str, int]:
    """Listings and their prices as a crawl would have stored them: their ids by `dataset/row`."""
    by = crawl(work)
    offers = list(real_offers(shared))
    listings = [
        {
            "marketplace": "jumia",
            "country": offer.country,
            "external_id": f"{offer.dataset}/{offer.row}",
            "url": f"https://example.invalid/{offer.dataset}/{offer.row}",
            "title": offer.title or "-",
            "brand": offer.brand,
            "category_path": [offer.category],
            "first_seen_at": NOW,
            "last_seen_at": NOW,
        }
        for offer in offers
    ]
    work.execute(sa.insert(market.Listing), listings)
    ids = {row.external_id: row.id for row in work.execute(sa.select(market.Listing.external_id, market.Listing.id))}
    observations = [
        {
            "listing_id": ids[f"{offer.dataset}/{offer.row}"],
            "crawl_id": by.id,
            "observed_at": NOW,
            "price": offer.price or None,
            "currency": offer.currency if offer.price else None,
            "price_kind": "fixed" if offer.price else "none",
            "availability": "in_stock",
        }
        for offer in offers
    ]
    work.execute(sa.insert(market.Observation), observations)
    work.commit()
    return ids


def products(work: Session) -> dict[int, int]:
    """The product of each listing."""
    table = marts.market_product_listings
    found = {row.listing_id: row.product_id for row in work.execute(sa.select(table.c.listing_id, table.c.product_id))}
    work.rollback()
    return found


def members(data_dir: Path) -> dict[int, int]:
    """The product of each listing, before there is a mart."""
    with duckdb.connect(str(data_dir / dbt_plugin.FILE), read_only=True) as file:
        return dict(file.execute("select listing_id, product_id from intermediate.int_products__members").fetchall())


def score(split: str, ids: dict[str, int], product_of: dict[int, int]) -> tuple[float, float, int]:
    """Precision, recall and number of the labelled pairs of a half."""
    seen: Counter[tuple[bool, bool]] = Counter()
    with PAIRS.open() as file:
        for row in csv.DictReader(file):
            if row["split"] == split:
                one, other = ids[f"{row['dataset_a']}/{row['row_a']}"], ids[f"{row['dataset_b']}/{row['row_b']}"]
                seen[product_of[one] == product_of[other], row["label"] == "same"] += 1
    right = seen[True, True]
    return right / (right + seen[True, False]), right / (right + seen[False, True]), seen.total()


def compared(data_dir: Path) -> tuple[int, int]:
    """Pairs that the blocks let meet, and listings."""
    with duckdb.connect(str(data_dir / dbt_plugin.FILE), read_only=True) as file:
        [met] = file.execute(COMPARED).fetchone() or (0,)
        [listings] = file.execute("select count(*) from staging.stg_listings").fetchone() or (0,)
    return met, listings


def test_real_offers_of_the_same_product_are_found_and_few_others(
    work: Session, shared: Path, dbt: Dbt, tmp_path: Path
) -> None:
    ids = store_real_offers(work, shared)
    dbt(*PRODUCTS)
    product_of = products(work)
    for split in ("tune", "held_back"):
        precision, recall, pairs = score(split, ids, product_of)
        print(f"{split}: precision {precision:.3f}, recall {recall:.3f} of {pairs} pairs")
        assert pairs >= 150
        assert precision >= 0.95, f"{split}: {precision:.3f}"
        assert recall >= 0.80, f"{split}: {recall:.3f}"
    met, listings = compared(tmp_path)
    assert met < listings * (listings - 1) / 2 * 0.002


def test_offers_of_several_markets_are_one_product_with_its_prices(work: Session, dbt: Dbt) -> None:
    by = crawl(work)

    def offered(title: str, price: int, **values: object) -> int:
        return watched(work, by, [(0, {"price": Decimal(price)})], title=title, brand=None, **values).id

    first = offered("Samsung Galaxy A14 - 64Go / 4Go RAM - Noir", 30000)
    cheap = offered("SAMSUNG GALAXY A14 4/64 جديد", 27000, marketplace="ouedkniss", category_path=["telephones"])
    larger = offered("Samsung Galaxy A14 128Go 4Go RAM", 34000)
    flats = [
        offered(
            "Vente appartement F3 Alger", 9, marketplace="ouedkniss", category_path=["immobilier-vente-appartement"]
        )
        for _ in range(2)
    ]
    work.commit()
    dbt(*PRODUCTS)

    assert products(work) == {first: first, cheap: first, larger: larger, flats[0]: flats[0], flats[1]: flats[1]}
    phone = work.execute(sa.select(marts.market_products).where(marts.market_products.c.product_id == first)).one()
    assert (phone.brand, phone.model_numbers, phone.storage_gb, phone.ram_gb) == ("samsung", "a14", 64, 4)
    assert (phone.listing_count, phone.available_count, phone.market_count) == (2, 2, 2)
    assert phone.markets == "jumia dz, ouedkniss dz"
    assert (phone.lowest_price_dzd, phone.highest_price_dzd) == (Decimal(27000), Decimal(30000))
    assert (phone.cheapest_listing_id, phone.price_spread_pct) == (cheap, Decimal("11.11"))


def test_products_after_new_and_changed_titles_are_those_of_a_file_that_is_made_anew(
    work: Session, dbt: Dbt, tmp_path: Path
) -> None:
    by = crawl(work)

    def offered(title: str) -> market.Listing:
        return watched(work, by, [(0, {"price": Decimal(1000)})], title=title, brand=None)

    soap, wandering = offered("Savon Liquide Lavande 500 ml"), offered("Mixeur Verre Inox Puissant Silencieux 1,5 L")
    work.commit()
    dbt(*MEMBERS)
    assert members(tmp_path) == {soap.id: soap.id, wandering.id: wandering.id}

    # While nobody sells the blender in these words, another comes that could be it.
    wandering.title = "savon liquide lavande 500ml"
    blender = offered("Mixeur Verre Inox Puissant Silencieux Robuste 1,5 L")
    work.commit()
    dbt(*MEMBERS)
    assert members(tmp_path) == {soap.id: soap.id, wandering.id: soap.id, blender.id: blender.id}

    wandering.title = "Mixeur Verre Inox Puissant Silencieux 1,5 L"
    work.commit()
    dbt(*MEMBERS)
    grown = members(tmp_path)
    assert grown == {soap.id: soap.id, wandering.id: wandering.id, blender.id: wandering.id}
    dbt(*MEMBERS, "--full-refresh")
    assert members(tmp_path) == grown


def test_what_differs_in_size_is_another_product_and_what_differs_in_colour_is_not(work: Session, dbt: Dbt) -> None:
    """As French titles say it."""
    sizes = [
        ("WD Elements - Disque dur externe 1 To", "WD Elements - Disque dur externe 2 To"),
        ("SanDisk Ultra Dual Drive - Clé USB 64 Go", "SanDisk Ultra Dual Drive - Clé USB 256 Go"),
        ("Tefal Poêle Resist 24 cm", "Tefal Poêle Resist 32 cm"),
        ("Tuyau d'arrosage extensible 15 m", "Tuyau d'arrosage extensible 30 m"),
        ("Veste imperméable homme - L", "Veste imperméable homme - XL"),
        ("Qamis homme brodé - M", "Qamis homme brodé - S"),
        ("Ingco Perceuse visseuse 16 V - Sans fil", "Ingco Perceuse visseuse 20 V - Sans fil"),
    ]
    colours = [
        ("JBL Flip 6 - Enceinte Bluetooth étanche - Bleu", "JBL Flip 6 - Enceinte Bluetooth étanche - Noir"),
        ("WD Elements - Disque dur externe 4 To", "WD Elements Disque dur externe 4TB noir"),
    ]
    by, of = crawl(work), {}
    for title in {title for pair in sizes + colours for title in pair}:
        made = watched(work, by, [(0, {"price": Decimal(3000)})], title=title, brand=None, category_path=["Divers"])
        of[title] = made.id
    work.commit()
    dbt(*PRODUCTS)
    product_of = products(work)
    same = [(one, other) for one, other in sizes + colours if product_of[of[one]] == product_of[of[other]]]
    assert same == colours
