from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from database import shop
from reseller import catalogue
from reseller.catalogue import SearchResult, Wanted
from reseller.catalogue.product import same_model
from reseller.shelves import plain, shelf_of
from tests import factories
from tests.factories import NOON
from tests.webapp import assortment
from tests.webapp.assortment import Shelf, sell


@pytest.fixture
def shelf(work: Session) -> Shelf:
    return assortment.lay_out(work)


def found(result: SearchResult) -> list[int]:
    return [card.listing_id for card in result.cards]


def test_nothing_is_built_before_dbt_has_run(work: Session) -> None:
    assert not catalogue.built(work)
    factories.create_marts(work)
    assert catalogue.built(work)


def test_home_of_empty_marts_is_empty(work: Session) -> None:
    factories.create_marts(work)
    home = catalogue.home(work)
    assert (home.shop, home.trending, home.drops, home.new, home.shelves, home.products) == ([], [], [], [], [], 0)


def test_home_trends_by_score_and_leaves_out_what_is_sold_out_or_cannot_be_resold(work: Session, shelf: Shelf) -> None:
    trending = [card.listing_id for card in catalogue.home(work).trending]
    names = ("phone", "earphones", "blender", "phone_ad", "other_phone", "oil")
    assert trending == [shelf[name].id for name in names]


def test_home_shows_only_drops_that_were_seen_deepest_first(work: Session, shelf: Shelf) -> None:
    drops = catalogue.home(work).drops
    assert [(card.listing_id, card.change_7d_pct) for card in drops] == [
        (shelf["earphones"].id, Decimal("-18.00")),
        (shelf["phone"].id, Decimal("-9.00")),
    ]


def test_a_product_is_new_only_if_it_came_after_the_first_day(work: Session, shelf: Shelf) -> None:
    assert catalogue.home(work).new == []
    late = factories.listing(work, title="Nouveau", first_seen_at=NOON - timedelta(days=2))
    factories.mart_offer(work, late)
    assert [card.listing_id for card in catalogue.home(work).new] == [late.id]


def test_what_we_have_in_stock_is_sold_at_our_price(work: Session, shelf: Shelf) -> None:
    card = next(card for card in catalogue.home(work).shop if card.listing_id == shelf["earphones"].id)
    assert (card.ours, card.price, card.currency, card.stock_left) == (True, Decimal("9250.00"), "DZD", 12)
    assert (card.market_price, card.market_currency, card.availability) == (Decimal("7900.00"), "DZD", "in_stock")


@pytest.mark.parametrize(("state", "units"), [("published", 0), ("withdrawn", 5)])
def test_a_listing_without_stock_or_withdrawn_is_not_ours_to_sell(
    work: Session, shelf: Shelf, state: str, units: int
) -> None:
    sell(work, shelf["blender"], "15000", units=units, state=state)
    page = catalogue.product(work, shelf["blender"].id)
    assert page is not None
    assert not page.card.ours
    assert page.card.price == Decimal("11900.00")


def test_our_own_price_drop_is_shown_against_our_own_old_price(work: Session, shelf: Shelf) -> None:
    listing = work.scalars(sa.select(shop.Listing).where(shop.Listing.price == 9250)).one()
    work.add(
        shop.PriceChange(
            listing_id=listing.id, old_price=Decimal(9900), new_price=Decimal(9250), floor=Decimal(8000), reason="x",
            who="test", at=NOON,
        )
    )  # fmt: skip
    work.flush()
    page = catalogue.product(work, shelf["earphones"].id)
    assert page is not None
    assert page.card.old_price == Decimal("9900.00")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("ecouteurs", "earphones"),
        ("ÉCOUTEURS oraimo", "earphones"),
        ("galaxy a16", "phone"),
        ("خلاط", "blender"),
        ("الخلاط", "blender"),
        ("سماعة", "earphones"),
        ("earbuds", "earphones"),
    ],
)
def test_search_reads_over_accents_articles_and_languages(work: Session, shelf: Shelf, query: str, name: str) -> None:
    result = catalogue.search(work, Wanted(query=query))
    assert result.match == "exact"
    assert shelf[name].id in found(result)
    assert shelf["sold_out"].id not in found(result)


@pytest.mark.parametrize(
    ("query", "name", "corrected"),
    [
        ("samsnug galxy a16", "phone", "samsung galaxy a16"),
        ("blendre", "blender", "blender"),
        ("orimo", "earphones", "oraimo"),
    ],
)
def test_search_forgives_typing_mistakes_and_says_what_it_took_them_for(
    work: Session, shelf: Shelf, query: str, name: str, corrected: str
) -> None:
    result = catalogue.search(work, Wanted(query=query))
    assert (result.match, result.corrected) == ("forgiven", corrected)
    assert shelf[name].id in found(result)


def test_search_that_finds_nothing_offers_the_nearest(work: Session, shelf: Shelf) -> None:
    near = catalogue.search(work, Wanted(query="ventilateur brandt"))
    assert near.match == "nearest"
    assert found(near)[0] == shelf["sold_out"].id
    far = catalogue.search(work, Wanted(query="zzxxqq"))
    assert far.match == "nearest"
    assert found(far)[0] == shelf["phone"].id


@pytest.mark.parametrize("query", ["%", "_", "'; drop table shop.listing; --", "\\", "(((", "a" * 500, "!!!"])
def test_search_takes_any_text(work: Session, shelf: Shelf, query: str) -> None:
    assert catalogue.search(work, Wanted(query=query)).cards


def test_search_never_shows_what_cannot_be_resold(work: Session, shelf: Shelf) -> None:
    for wish in (Wanted(query="appartement"), Wanted(), Wanted(sources=("ouedkniss",))):
        assert shelf["flat"].id not in found(catalogue.search(work, wish))
    assert catalogue.product(work, shelf["flat"].id) is None


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        (Wanted(shelf="phones", sort="price"), ["other_phone", "phone_ad", "phone"]),
        (Wanted(sources=("shop",), sort="price"), ["oil", "earphones"]),
        (Wanted(sources=("ouedkniss",)), ["phone_ad"]),
        (Wanted(brands=("samsung",), sort="price-desc"), ["phone", "phone_ad", "other_phone"]),
        (Wanted(price_min=Decimal(9000), price_max=Decimal(12000), sort="price"), ["earphones", "blender"]),
        (Wanted(dropped=True, sort="drop"), ["earphones", "phone"]),
        (Wanted(query="samsung", in_stock=True, sort="price"), ["other_phone", "phone"]),
    ],
)
def test_filters_narrow_and_sorts_order(work: Session, shelf: Shelf, wish: Wanted, names: list[str]) -> None:
    result = catalogue.search(work, wish)
    assert found(result) == [shelf[name].id for name in names]
    assert result.total == len(names)


def test_filters_that_leave_nothing_say_so_instead_of_offering_other_things(work: Session, shelf: Shelf) -> None:
    result = catalogue.search(work, Wanted(query="samsung", price_max=Decimal(5)))
    assert (result.cards, result.total, result.filtered_out) == ([], 0, True)


def test_facets_count_what_the_words_found_whatever_the_filters(work: Session, shelf: Shelf) -> None:
    facets = catalogue.search(work, Wanted(query="samsung", sources=("ouedkniss",))).facets
    assert facets.brands == [("Samsung", 3)]
    assert facets.sources == [("jumia", 2), ("ouedkniss", 1)]
    assert (facets.price_min, facets.price_max) == (Decimal(24900), Decimal(38900))


def test_pages_do_not_overlap_and_a_page_too_far_is_the_last(work: Session) -> None:
    factories.create_marts(work)
    for _ in range(catalogue.PAGE_SIZE + 5):
        factories.mart_offer(work, factories.listing(work))
    first, second, beyond = (catalogue.search(work, Wanted(page=page)) for page in (1, 2, 99))
    assert len(first.cards) == catalogue.PAGE_SIZE
    assert len(second.cards) == 5
    assert not set(found(first)) & set(found(second))
    assert (beyond.page, found(beyond)) == (2, found(second))


def test_a_product_page_names_other_offers_of_the_same_model_only(work: Session, shelf: Shelf) -> None:
    page = catalogue.product(work, shelf["phone"].id)
    assert page is not None
    assert [card.listing_id for card in page.elsewhere] == [shelf["phone_ad"].id]
    assert shelf["other_phone"].id in [card.listing_id for card in page.similar]
    assert shelf["phone"].id not in [card.listing_id for card in page.similar]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Samsung Galaxy A16 - 128Go", "Galaxy A16 neuf 128 Go", True),
        ("Samsung Galaxy A16 - 128Go", "Samsung Galaxy A06 - 128Go", False),
        ('Condor TV 43" Full HD', "Condor TV 55 pouces", False),
        ("Huile d'argan pure", "Huile d'argan", True),
        ("Huile d'argan 100 ml", "Huile d'argan", False),
    ],
)
def test_two_offers_are_of_one_thing_if_they_agree_on_the_model(one: str, other: str, same: bool) -> None:
    assert same_model(one, other) is same


def test_price_history_comes_oldest_first_with_sold_out_days(work: Session, shelf: Shelf) -> None:
    history = catalogue.price_history(work, shelf["phone"].id)
    assert [int(day.price or 0) for day in history] == [44000, 43900, 43900, 38900, 38900]
    assert [day.availability == "out_of_stock" for day in history] == [False, False, True, False, False]
    assert catalogue.price_history(work, 999_999) == []


def test_home_asks_the_same_number_of_questions_however_many_products(work: Session, shelf: Shelf) -> None:
    few = _statements(work)
    for _ in range(30):
        factories.mart_offer(work, factories.listing(work))
    assert _statements(work) == few


def _statements(work: Session) -> int:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    sa.event.listen(work.get_bind(), "before_cursor_execute", note)
    catalogue.home(work)
    catalogue.search(work, Wanted(query="samsung"))
    sa.event.remove(work.get_bind(), "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("Téléphone & Tablette > Smartphones", "phones"),
        ("Téléphone & Tablette > Accessoires > Écouteurs", "audio"),
        ("Informatique > Ordinateurs portables", "computers"),
        ("Grocery > Drinks", "grocery"),
        ("Maison, Cuisine & Jardin > Linge de maison", "home"),
        ("Qwertz", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_category_names_of_all_markets_come_under_one_shelf(path: str | None, key: str) -> None:
    assert shelf_of(path) == key


def test_plain_text_has_no_accents_and_one_spelling_of_arabic_letters() -> None:
    assert plain("Téléviseur « Crème » Œuf") == "televiseur creme oeuf"
    assert plain("أَلْعَاب مُقْلاة") == "العاب مقلاه"
