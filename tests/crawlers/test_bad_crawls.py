"""Whole crawls of a shop that misbehaves: a clear error, the rejected item with its reason, nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.crawlers.conftest import JSON, Answer, Crawl, Shop

NEXT = '<div class="pg-w"><a href="{}" class="pg" aria-label="Page suivante">&gt;</a></div>'
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>x</body></html>"


def product(number: int, **values: Any) -> dict[str, Any]:
    return {
        "sku": f"AB{number:03}EL0SAMPLNAFAMZ",
        "displayName": f"Casque {number}",
        "brand": "Oraimo",
        "categories": ["Électronique"],
        "prices": {"rawPrice": f"{1000 + number}.00", "price": f"{1000 + number:,} DA"},
        "rating": {"average": 4, "totalRatings": number},
        "url": f"/casque-{number}-12345{number:03}.html",
        "isBuyable": True,
        "simples": [{"isBuyable": True}],
    } | values


def listing(*products: dict[str, Any], following: str = "", text: str = "") -> str:
    state = json.dumps({"view": "Catalog", "countryCode": "DZ", "products": products})
    link = NEXT.format(following) if following else ""
    return f"<!doctype html><html><body>{text}{link}<script>window.__STORE__={state};</script></body></html>"


def rows(work: Session, query: str) -> list[Any]:
    work.rollback()
    return [tuple(row) for row in work.execute(sa.text(query))]


def ended(work: Session) -> tuple[str, str]:
    ((state, reason),) = rows(work, "select state, reason from market.crawl")
    return state, reason or ""


@pytest.fixture(autouse=True)
def _migrated(work: Session) -> None:
    """Each test has its own database."""


HALF = listing(*[product(number) for number in range(1, 41)]).encode()
HALF = HALF[: len(HALF) // 2]


BAD_PAGES = {
    "half": (Answer(HALF), "page/truncated"),
    "picture": (Answer(b"\x89PNG\r\n\x1a\n" + bytes(500), headers={"Content-Type": "image/png"}), "page/not_html"),
    "text": (Answer(b"upstream timed out", headers={"Content-Type": "text/plain"}), "page/not_html"),
    "no-products": (Answer(listing().encode()), "page/layout_changed"),
    "empty": (Answer(listing(text="<p>Aucun résultat</p>").encode()), "page/empty"),
    "redesigned": (Answer(b"<html><body>redesigned</body></html>"), "page/layout_changed"),
    "other-country": (Answer(listing(product(9)).replace('"DZ"', '"MA"').encode()), "page/wrong_shop"),
    "missing": (Answer(b"gone", 404), "page/bad_status"),
    "broken": (Answer(b"oops", 500), "page/bad_status"),
    "cut-connection": (Answer(listing(product(1)).encode()[:100], declared_length=9000), "page/no_response"),
}


def test_a_page_cut_in_half_fails_the_crawl_and_is_kept(shop: Shop, crawl: Crawl, work: Session) -> None:
    shop["/telephones/"] = HALF
    done = crawl("jumia", category="telephones")
    assert done.returncode == 1
    assert "page/truncated: the embedded JSON is cut off" in done.stderr
    state, reason = ended(work)
    assert (state, reason.split(":")[0]) == ("failed", "no offers")
    ((url, why, raw),) = rows(work, "select url, reason, raw from market.rejected_item")
    assert url == f"http://127.0.0.1:{shop.port}/telephones/"
    assert why == "page/truncated: the embedded JSON is cut off"
    assert raw["bytes"] == len(HALF)
    assert raw["body"].startswith("<!doctype html>")
    assert rows(work, "select rejects, stats -> 'page/truncated' from market.crawl") == [(1, 1)]
    assert rows(work, "select * from market.listing") == []


def test_every_kind_of_bad_page_is_kept_under_its_name_and_the_good_ones_are_stored(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    menu = "".join(f'<a class="itm" href="/{name}/"></a>' for name in [*BAD_PAGES, "good"])
    shop["/"] = f'<!doctype html><html><body><div class="flyout">{menu}</div></body></html>'
    shop["/good/"] = listing(product(1))
    for name, (answer, _) in BAD_PAGES.items():
        shop[f"/{name}/"] = answer
    done = crawl("jumia")
    assert done.returncode == 1
    origin = f"http://127.0.0.1:{shop.port}"
    kept = dict(rows(work, "select url, reason from market.rejected_item"))
    assert {url: reason.split(":")[0] for url, reason in kept.items()} == {
        f"{origin}/{name}/": expected for name, (_, expected) in BAD_PAGES.items()
    }
    for url, reason in kept.items():
        assert f"{reason}: {url}" in done.stderr
    assert ended(work)[0] == "failed"
    assert "and 5 more" in ended(work)[1]
    assert rows(work, "select external_id from market.listing") == [(product(1)["sku"],)]
    assert rows(work, "select rejects, offers from market.crawl") == [(len(BAD_PAGES), 1)]


def test_a_bad_page_in_the_middle_is_told_and_the_good_ones_are_kept(shop: Shop, crawl: Crawl, work: Session) -> None:
    shop["/telephones/"] = listing(*[product(n) for n in range(1, 41)], following="/telephones/?page=2#catalog-listing")
    shop["/telephones/?page=2"] = Answer(b"oops", 500)
    assert crawl("jumia", category="telephones").returncode == 0
    state, reason = ended(work)
    assert state == "finished"
    assert reason.startswith("page/bad_status")
    assert rows(work, "select count(*) from market.listing") == [(40,)]
    assert rows(work, "select split_part(reason, ':', 1) from market.rejected_item") == [("page/bad_status",)]


def test_a_bad_offer_is_quarantined_with_every_reason_and_the_others_are_stored(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    negative = product(2, prices={"rawPrice": "-5.00", "price": "-5 DA"})
    nameless = product(3, displayName="", name="")
    unreadable = product(4, prices="free")
    shop["/telephones/"] = listing(product(1), negative, nameless, unreadable, product(5))
    assert crawl("jumia", category="telephones").returncode == 0
    assert rows(work, "select external_id from market.listing order by 1") == [
        ("AB001EL0SAMPLNAFAMZ",),
        ("AB005EL0SAMPLNAFAMZ",),
    ]
    rejected = rows(work, "select reason, raw from market.rejected_item order by reason")
    assert [reason.split(":")[0] for reason, _ in rejected] == [
        "offer/price/negative",
        "offer/title/missing",
        "offer/unreadable",
    ]
    assert rejected[0][1]["price"] == "-5.00"
    ((stats, rejects),) = rows(work, "select stats, rejects from market.crawl")
    assert (stats["offer/price/negative"], stats["rejects"], rejects) == (1, 3, 3)


def test_the_end_of_a_listing_is_no_failure(shop: Shop, crawl: Crawl, work: Session) -> None:
    shop["/telephones/"] = listing(product(1), following="/telephones/?page=2")
    assert crawl("jumia", category="telephones").returncode == 0
    assert ended(work) == ("finished", "")
    assert shop.asked[-1] == "/telephones/?page=2"


@pytest.mark.parametrize(
    "answer", [Answer(b"gone", 404), Answer(listing(text="<p>Aucun résultat</p>").encode())], ids=["404", "empty"]
)
def test_a_page_that_has_to_be_there_and_is_not_leaves_the_crawl_incomplete(
    shop: Shop, crawl: Crawl, work: Session, answer: Answer
) -> None:
    shop["/audio/"] = listing(product(1), following="/audio/?page=2", text="<p>90 résultats</p>")
    shop["/audio/?page=2"] = listing(product(2), following="/audio/?page=3", text="<p>90 résultats</p>")
    shop["/audio/?page=3"] = answer
    assert crawl("jumia", category="audio").returncode == 0
    seen = "select state, reason, complete, stats ->> 'cut', stats -> 'listing/page_missing' from market.crawl"
    ((state, reason, complete, cut, missing),) = rows(work, seen)
    assert (state, complete, cut, missing) == ("finished", False, "page missing", 1)
    assert reason == f"page 3 of 3 is not there: http://127.0.0.1:{shop.port}/audio/?page=3"
    assert rows(work, "select count(*) from market.listing") == [(2,)]


def test_a_page_beyond_what_the_listing_says_to_have_is_its_end(shop: Shop, crawl: Crawl, work: Session) -> None:
    shop["/audio/"] = listing(product(1), following="/audio/?page=2", text="<p>80 résultats</p>")
    shop["/audio/?page=2"] = listing(product(2), following="/audio/?page=3", text="<p>80 résultats</p>")
    assert crawl("jumia", category="audio").returncode == 0
    ((reason, complete),) = rows(work, "select reason, complete from market.crawl")
    assert (reason, complete) == (None, True)
    assert shop.asked[-1] == "/audio/?page=3"


def test_a_narrower_listing_that_is_not_there_is_told_and_fails_nothing(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    facet = (
        '<article><h2>Catégorie</h2><a class="-phxl" href="/casques/"></a><a class="-phxl" href="/dead/"></a></article>'
    )
    shop["/audio/"] = listing(product(1), product(2), text=f"<p>90 résultats</p>{facet}")
    shop["/casques/"] = listing(product(3))
    assert crawl("jumia", category="audio").returncode == 0
    ((reason, cut, complete),) = rows(work, "select reason, stats ->> 'cut', complete from market.crawl")
    assert (cut, complete) == ("part missing", False)
    assert reason.startswith("a narrower listing that the shop links is not there: http")
    assert reason.endswith("/dead/")
    assert rows(work, "select count(*) from market.listing") == [(3,)]


def test_no_more_pages_are_asked_for_than_allowed(shop: Shop, crawl: Crawl, work: Session) -> None:
    for number in range(1, 6):
        shop[f"/t/?page={number}" if number > 1 else "/t/"] = listing(
            product(number), following=f"/t/?page={number + 1}"
        )
    crawl("jumia", category="t", max_pages=3)
    assert [path for path in shop.asked if path != "/robots.txt"] == ["/t/", "/t/?page=2", "/t/?page=3"]
    assert rows(work, "select pages, offers from market.crawl") == [(3, 3)]
    positions = rows(work, "select position from market.observation order by 1")
    assert positions == [(1,), (41,), (81,)]


def test_the_crawler_names_itself_and_asks_robots_txt_first(shop: Shop, crawl: Crawl, work: Session) -> None:
    shop["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /telephones/\n", headers={"Content-Type": "text/plain"})
    shop["/telephones/"] = listing(product(1))
    assert crawl("jumia", category="telephones").returncode == 1
    assert shop.asked == ["/robots.txt"]
    assert [agent for agent in shop.agents if not agent.startswith("Hanout/")] == []
    assert "page/forbidden_by_robots" in ended(work)[1]


def test_the_whole_shop_is_crawled_from_the_menu_of_its_home_page(shop: Shop, crawl: Crawl, work: Session) -> None:
    menu = "".join(f'<a class="itm" href="/{name}/" role="menuitem">{name}</a>' for name in ("a", "b", "mlp-deals"))
    shop["/"] = f'<!doctype html><html><body><div class="flyout">{menu}</div></body></html>'
    shop["/a/"] = listing(product(1), product(2))
    shop["/b/"] = listing(product(2), product(3))
    assert crawl("jumia").returncode == 0
    assert rows(work, "select offers, pages from market.crawl") == [(3, 3)]
    assert rows(work, "select stats -> 'offer/seen_again' from market.crawl") == [(1,)]


HOME = '<!doctype html><html><body><div class="flyout"><a class="itm" href="/a/"></a></div></body></html>'


def test_a_dead_product_is_out_of_stock_and_never_keeps_its_price(shop: Shop, crawl: Crawl, work: Session) -> None:
    shop["/a/"] = listing(product(1))
    assert crawl("jumia", category="a").returncode == 0
    shop.market_time = "2026-05-01T13:00:00Z"
    dead = str(product(1)["url"])
    shop[dead] = Answer(b"", 302, {"Location": "/"})
    shop["/"] = HOME
    assert crawl("jumia", start_url=f"http://127.0.0.1:{shop.port}{dead}").returncode == 0
    seen = "select observed_at, price, price_kind, availability, stock_left from market.observation order by 1 desc"
    newest = rows(work, seen)[0]
    assert newest[1:] == (None, "none", "out_of_stock", 0)
    assert newest[0].hour == 13
    assert rows(work, "select stats -> 'gone/product_gone', offers from market.crawl order by id desc limit 1") == [
        (1, 0)
    ]


def test_an_address_that_leads_to_another_product_is_gone_and_a_new_name_of_the_same_is_not(
    shop: Shop, crawl: Crawl, work: Session
) -> None:
    shop["/a/"] = listing(product(1), product(2))
    assert crawl("jumia", category="a").returncode == 0
    shop.market_time = "2026-05-01T13:00:00Z"
    replaced, renamed, other = str(product(1)["url"]), str(product(2)["url"]), str(product(3)["url"])
    shop[replaced] = Answer(b"", 301, {"Location": other})
    shop[renamed] = Answer(b"", 301, {"Location": renamed.replace("casque", "ecouteurs")})
    for address, sold in ((other, product(3)), (renamed.replace("casque", "ecouteurs"), product(2))):
        state = json.dumps({"view": "Product", "countryCode": "DZ", "sku": sold["sku"], "products": [sold]})
        shop[address] = f"<!doctype html><html><body><script>window.__STORE__={state};</script></body></html>"
    asked = ",".join(f"http://127.0.0.1:{shop.port}{path}" for path in (replaced, renamed))
    assert crawl("jumia", start_url=asked).returncode == 0
    newest = (
        "select distinct on (listing_id) external_id, availability from market.observation o"
        " join market.listing l on l.id = listing_id order by listing_id, observed_at desc"
    )
    assert dict(rows(work, newest)) == {
        product(1)["sku"]: "out_of_stock",
        product(2)["sku"]: "in_stock",
        product(3)["sku"]: "in_stock",
    }
    ((stats,),) = rows(work, "select stats from market.crawl order by id desc limit 1")
    assert stats["gone/product_gone"] == 1


def test_observations_take_their_time_from_the_market(shop: Shop, crawl: Crawl, work: Session) -> None:
    shop.market_time = "2026-02-03T04:05:06+01:00"
    shop["/telephones/"] = listing(product(1))
    crawl("jumia", category="telephones")
    assert rows(work, "select observed_at::text from market.observation") == [("2026-02-03 03:05:06+00",)]


def ads(*found: dict[str, Any], more: bool = False) -> Answer:
    announcements = {"data": found, "paginatorInfo": {"hasMorePages": more, "lastPage": 9, "total": 99}}
    return Answer(json.dumps({"data": {"search": {"announcements": announcements}}}).encode(), headers=dict(JSON))


def ad(number: int, **values: Any) -> dict[str, Any]:
    return {"id": str(number), "title": f"Téléphone {number}", "slug": f"telephone-{number}", "price": 1000} | values


def test_graphql_errors_with_status_200_fail_the_crawl(shop: Shop, crawl: Crawl, work: Session) -> None:
    body = json.dumps({"errors": [{"message": "Server Error"}], "data": None}).encode()
    shop["/graphql/telephones/1"] = Answer(body, headers=dict(JSON))
    assert crawl("ouedkniss", category="telephones").returncode == 1
    assert "page/api_errors: Server Error" in ended(work)[1]
    ((reason, raw),) = rows(work, "select reason, raw from market.rejected_item")
    assert reason == "page/api_errors: Server Error"
    assert "Server Error" in raw["body"]


BAD_ANSWERS = {
    "half": (Answer(b'{"data": {"search": {"announcements": {"data": [{"id"', headers=dict(JSON)), "page/truncated"),
    "null": (Answer(b'{"data": {"search": {"announcements": null}}}', headers=dict(JSON)), "page/layout_changed"),
    "html": (Answer(b"<html><body>Maintenance</body></html>"), "page/not_html"),
    "challenge": (Answer(CHALLENGE, 403), "page/challenge"),
    "nothing": (ads(), "page/empty"),
    "errors": (
        Answer(b'{"errors": [{"message": "x"}], "data": {"search": null}}', headers=dict(JSON)),
        "page/api_errors",
    ),
}


def test_every_kind_of_bad_answer_of_the_api_is_kept_under_its_name(shop: Shop, crawl: Crawl, work: Session) -> None:
    for name, (answer, _) in BAD_ANSWERS.items():
        shop[f"/graphql/{name}/1"] = answer
    shop["/graphql/good/1"] = ads(ad(1))
    assert crawl("ouedkniss", category=",".join([*BAD_ANSWERS, "good"])).returncode == 1
    kept = rows(
        work, "select substring(url from 'categorySlug=([a-z]+)'), split_part(reason, ':', 1) from market.rejected_item"
    )
    assert dict(kept) == {name: expected for name, (_, expected) in BAD_ANSWERS.items()}
    assert ended(work)[0] == "failed"
    assert rows(work, "select offers from market.crawl") == [(1,)]


def test_no_contact_reaches_the_database(shop: Shop, crawl: Crawl, work: Session) -> None:
    contact = ad(
        1,
        title="iPhone 0555 12 34 56",
        slug="iphone-0555123456",
        description="tel ٠٦٦١٢٣٤٥٦٧ ou ali@mail.dz",
        user={"id": 7, "displayName": "Rezak Bensalem"},
    )
    broken = {"slug": "x", "description": "0770 11 22 33", "user": {"displayName": "Rezak Bensalem"}}
    shop["/graphql/telephones/1"] = ads(contact, broken, ad(2), more=True)
    truncated = json.dumps({"data": {"x": {"user": {"displayName": "Rezak Bensalem"}, "phone": "0770112233"}}})
    shop["/graphql/telephones/2"] = Answer(truncated.encode()[:-3], headers=dict(JSON))
    crawl("ouedkniss", category="telephones")
    kept = rows(
        work,
        "select (select string_agg(l::text, ' ') from market.listing l) || (select string_agg(r::text, ' ') from "
        "market.rejected_item r) || (select string_agg(c::text, ' ') from market.crawl c)",
    )[0][0]
    for secret in ("0555", "٠٦٦١", "ali@", "0770", "Rezak", "Bensalem"):
        assert secret not in kept
    assert rows(work, "select count(*) from market.listing") == [(2,)]
    assert rows(work, "select count(*) from market.rejected_item") == [(2,)]


def test_every_category_is_crawled_and_pages_are_shared_between_them(shop: Shop, crawl: Crawl, work: Session) -> None:
    for category, base in (("a", 100), ("b", 200)):
        for page in range(1, 5):
            shop[f"/graphql/{category}/{page}"] = ads(ad(base + page), more=True)
    assert crawl("ouedkniss", category="a,b", max_pages=4).returncode == 0
    asked = sorted(path for path in shop.asked if path != "/robots.txt")
    assert asked == ["/graphql/a/1", "/graphql/a/2", "/graphql/b/1", "/graphql/b/2"]
    assert rows(work, "select offers from market.crawl") == [(4,)]
