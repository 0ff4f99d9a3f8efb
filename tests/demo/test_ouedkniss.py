import json

import pytest

from crawlers.spiders import ouedkniss_queries

QUERY = """
query SearchQuery($q: String, $filter: SearchFilterInput) {
  search(q: $q, filter: $filter) {
    announcements {
      data {
        id title slug createdAt: refreshedAt isFromStore likeCount description price pricePreview priceUnit oldPrice
        priceType exchangeType cities { id name slug region { name } } store { id name } user { displayName }
        defaultMedia(size: MEDIUM) { mediaUrl } category { slug }
      }
      paginatorInfo { lastPage hasMorePages total }
    }
  }
}
"""
IN_DINARS = {"UNIT": 1, "MILLION": 10_000, "BILLION": 10_000_000}


def ask(site, query=QUERY, operation="SearchQuery", **variables):
    answer = site.post("/graphql", json={"operationName": operation, "query": query, "variables": variables})
    assert answer.status_code == 200
    return answer.get_json()


def search(site, **variables):
    found = ask(site, **variables)
    assert "errors" not in found, found
    return found["data"]["search"]["announcements"]


def refused(site, query, **variables):
    found = ask(site, query, None, **variables)
    assert "data" not in found
    return found["errors"][0]["message"]


def test_the_real_request_is_answered_in_the_real_shape(classifieds, shared):
    real = json.loads((shared / "real/ouedkniss/search-response-2026-08-18.json").read_text())
    request = real["_probe"]["request"]
    request["variables"]["filter"]["categorySlug"] = None
    request["variables"]["q"] = None
    found = classifieds.post("/graphql", json=request).get_json()
    ours, theirs = (one["data"]["search"]["announcements"] for one in (found, real))
    assert set(ours) == set(theirs)
    assert {name: type(value) for name, value in ours["paginatorInfo"].items()} == {
        name: type(value) for name, value in theirs["paginatorInfo"].items()
    }
    for ad in ours["data"]:
        assert set(ad) == set(theirs["data"][0])
        assert type(ad["id"]) is str
        assert ad["refreshedAt"].endswith(".000Z")


def test_a_category_holds_its_subcategories_and_no_others(classifieds):
    found = search(classifieds, filter={"categorySlug": "telephones", "count": 60})
    slugs = {ad["category"]["slug"] for ad in found["data"]}
    assert slugs == {"telephones-smartphones", "telephones-tablets", "telephones-accessoires"}
    assert found["paginatorInfo"]["total"] == len(found["data"])


def test_a_wrong_category_answers_nothing_and_no_error(classifieds):
    found = search(classifieds, filter={"categorySlug": "telephonie"})
    assert found == {"data": [], "paginatorInfo": {"lastPage": 1, "hasMorePages": False, "total": 0}}


def test_pages_hold_every_ad_once(classifieds, market):
    seen, page = [], 1
    while True:
        found = search(classifieds, filter={"page": page, "count": 20})
        seen += [ad["id"] for ad in found["data"]]
        if not found["paginatorInfo"]["hasMorePages"]:
            break
        page += 1
    assert page == found["paginatorInfo"]["lastPage"]
    assert sorted(seen) == sorted(str(posting.id) for posting in market.classifieds.day(10))


def test_a_word_is_searched_in_titles(classifieds):
    found = search(classifieds, q="samsung galaxy", filter=None)
    assert len(found["data"]) >= 2
    assert all("Samsung Galaxy" in ad["title"] for ad in found["data"])


def test_price_is_dinars_and_its_preview_is_in_its_unit(classifieds):
    ads = (
        search(classifieds, filter={"count": 60})["data"] + search(classifieds, filter={"count": 60, "page": 2})["data"]
    )
    priced = [ad for ad in ads if ad["price"] is not None]
    assert {ad["priceUnit"] for ad in priced} == set(IN_DINARS)
    for ad in priced:
        assert ad["pricePreview"] * IN_DINARS[ad["priceUnit"]] == pytest.approx(ad["price"])
    assert all(ad["pricePreview"] == 0 for ad in ads if ad["price"] is None)
    assert len(priced) < len(ads)


def test_private_sellers_have_no_store(classifieds):
    ads = search(classifieds, filter={"count": 60})["data"]
    assert {ad["isFromStore"] for ad in ads} == {True, False}
    assert all((ad["store"] is not None) == ad["isFromStore"] for ad in ads)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("query { search {", "Syntax Error"),
        ("query { search { announcements } }", "must have a selection"),
        ("query { search { announcements { data { title { x } } } } }", "must not have a selection"),
        ("query { search { announcements { data { prix } } } }", 'Cannot query field "prix" on type "Announcement"'),
        ("query { search(filter: {count: 61}) { announcements { data { id } } } }", "filter.count"),
        ("query { search(filter: {page: 0}) { announcements { data { id } } } }", "filter.page"),
        ("query { search(filter: {slug: 1}) { announcements { data { id } } } }", "filter.slug"),
        ("query { search(q: $q) { announcements { data { id } } } }", 'Variable "$q" is not defined'),
        ("{ __schema { types { name } } }", "introspection is not allowed"),
        ("{ search { __type } }", "introspection is not allowed"),
        ("{ announcementDetails { id } }", 'argument "id" of type "ID!" is required'),
        ("{ announcementDetails(id: 1, lang: fr) { id } }", 'Unknown argument "lang"'),
        ("{ announcementDetails(id: 1) { phones } }", 'Cannot query field "phones" on type "Announcement"'),
        ("{ search { announcements { data { title(size: 3) } } } }", 'Unknown argument "size"'),
        ("query D($id: ID!) { announcementDetails(id: $id) { id } }", 'Variable "$id" of required type "ID!"'),
        ("{ prices { x } }", 'Cannot query field "prices" on type "Query"'),
        ("mutation { buy { id } }", "not configured for mutations"),
        ("{ search { ...Missing } }", "Unknown fragment"),
        ("fragment A on B { ...A } { search { ...A } }", "Max query depth"),
        ("", "Unexpected <EOF>"),
        ("%", "unexpected character"),
    ],
)
def test_a_wrong_query_is_told_what_is_wrong_with_status_200(classifieds, query, message):
    assert message in refused(classifieds, query)


def test_a_body_that_is_no_query_is_an_error_with_status_200(classifieds):
    answer = classifieds.post("/graphql", data="{", content_type="application/json")
    assert answer.status_code == 200
    assert "errors" in answer.get_json()
    assert classifieds.post("/graphql", data="x", content_type="text/plain").status_code == 415


def test_details_of_an_ad_may_be_asked_for_with_alias_and_fragment(classifieds, market):
    number = str(market.classifieds.day(10)[0].id)
    query = """
    query D($id: ID!) { announcement: announcementDetails(id: $id) { ...Whole ... on Announcement { title } } }
    fragment Whole on Announcement { id cities { region } medias }
    """
    found = ask(classifieds, query, "D", id=number)["data"]["announcement"]
    assert found["id"] == number
    assert {"id", "title", "cities", "medias"} == set(found)
    assert ask(classifieds, query, "D", id="1")["data"] == {"announcement": None}


def test_the_spiders_own_queries_are_answered_alike_by_search_and_details(classifieds):
    body = ouedkniss_queries.search("telephones", None, 1)
    ads = classifieds.post("/graphql", json=body).get_json()["data"]["search"]["announcements"]["data"]
    for ad in ads[:10]:
        details = classifieds.post("/graphql", json=ouedkniss_queries.details(ad["id"])).get_json()
        whole = details["data"]["announcement"]
        assert {name: whole[name] for name in ad} == ad
        assert set(whole) - set(ad) == {"medias"}
        assert set(whole["medias"][0]) == {"mediaUrl", "mimeType", "thumbnail"}


def test_an_ad_has_a_page_where_its_link_leads(classifieds):
    ad = search(classifieds, filter={"count": 1})["data"][0]
    answer = classifieds.get(f"/{ad['slug']}-d{ad['id']}")
    assert answer.status_code == 200
    assert ad["title"] in answer.text
    assert classifieds.get(f"/autre-nom-d{ad['id']}").status_code == 301
    assert classifieds.get("/rien-d1").status_code == 404
    assert classifieds.get(ad["defaultMedia"]["mediaUrl"]).mimetype == "image/svg+xml"


def test_likes_move_with_the_clock(classifieds, shop):
    def likes():
        return {ad["id"]: ad["likeCount"] for ad in search(classifieds, filter={"count": 60})["data"]}

    before = likes()
    shop.put("/_market/clock", json={"now": "2026-05-15T12:00:00Z"})
    after = likes()
    assert sum(after[number] > before[number] for number in before.keys() & after.keys()) > 10
