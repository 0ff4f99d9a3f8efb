from __future__ import annotations

import gzip
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import sitemaps

INDEX = b"""<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc> https://static.jumia.ma/sitemap-categories.xml.gz </loc><lastmod>2026-04-01</lastmod></sitemap>
<sitemap><loc>https://static.jumia.ma/sitemap-products-1.xml.gz</loc></sitemap></sitemapindex>"""
MANY = b"<urlset>" + b"".join(b"<url><loc>https://www.jumia.ma/a-%d.html</loc></url>" % n for n in range(2000))
MANY += b"</urlset>"
PLACES = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://www.jumia.ma/a/?x=1&amp;y=2</loc>
</url><url><lastmod>2026-04-01</lastmod></url><url><loc>https://www.jumia.ma/b-12345678.html</loc></url></urlset>"""
READ = ["https://www.jumia.ma/a/?x=1&y=2", "https://www.jumia.ma/b-12345678.html"]


def test_an_index_names_further_sitemaps_and_a_list_names_places() -> None:
    further = list(sitemaps.read(INDEX))
    assert further == [
        "https://static.jumia.ma/sitemap-categories.xml.gz",
        "https://static.jumia.ma/sitemap-products-1.xml.gz",
    ]
    assert [sitemaps.is_sitemap(address) for address in [*further, *READ]] == [True, True, False, False]
    assert list(sitemaps.read(PLACES)) == READ


def test_a_packed_sitemap_is_unpacked() -> None:
    assert list(sitemaps.read(gzip.compress(PLACES))) == READ


@pytest.mark.parametrize("body", [b"", b"<html><body>404</body></html>", b"\x1f\x8bnot packed at all", b"\x89PNG"])
def test_what_is_no_sitemap_is_refused(body: bytes) -> None:
    with pytest.raises(sitemaps.NoSitemap):
        list(sitemaps.read(body))


def test_a_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(b"<urlset>" + bytes(sitemaps.MOST_BYTES * 4), 9)
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    with pytest.raises(sitemaps.NoSitemap, match="unpacks to more"):
        list(sitemaps.read(bomb))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < sitemaps.MOST_BYTES * 2.5


def test_entities_that_multiply_are_not_followed() -> None:
    laughs = (
        b'<!DOCTYPE x [<!ENTITY a "lollollol"><!ENTITY b "&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>'
    )
    assert list(sitemaps.read(laughs)) in ([], ["&b;"])


@given(cut=st.integers(0, len(PLACES)), packed=st.booleans())
def test_a_sitemap_cut_anywhere_names_only_what_it_named_whole(cut: int, packed: bool) -> None:
    body = gzip.compress(PLACES, mtime=0)[:cut] if packed else PLACES[:cut]
    try:
        found = list(sitemaps.read(body))
    except sitemaps.NoSitemap:
        return
    assert all(any(whole.startswith(address) for whole in READ) for address in found)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.999])
@pytest.mark.parametrize("packed", [False, True])
def test_half_a_sitemap_is_refused_whole(cut: float, packed: bool) -> None:
    body = gzip.compress(MANY, mtime=0) if packed else MANY
    assert len(list(sitemaps.read(body))) == 2000
    with pytest.raises(sitemaps.NoSitemap, match="before its end"):
        list(sitemaps.read(body[: int(len(body) * cut)]))


def test_a_packed_sitemap_of_several_members_is_read_to_its_end() -> None:
    members = [gzip.compress(MANY[:5000]), gzip.compress(MANY[5000:9000]), gzip.compress(MANY[9000:])]
    assert len(list(sitemaps.read(b"".join(members)))) == 2000
    assert len(list(sitemaps.read(b"".join(members) + bytes(512)))) == 2000
    with pytest.raises(sitemaps.NoSitemap, match="before its end"):
        list(sitemaps.read(b"".join(members[:2])))


@pytest.mark.parametrize(
    "body",
    [
        b"<?xml version='1.0'?><urlset></urlset>",
        b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>\n",
        b"<urlset></urlset>\n<!-- made at noon -->\n",
        '<?xml version="1.0" encoding="UTF-16"?><urlset></urlset>'.encode("utf-16"),
    ],
)
def test_an_empty_sitemap_is_whole(body: bytes) -> None:
    assert list(sitemaps.read(body)) == []


def test_what_is_no_address_is_left_out_of_a_sitemap() -> None:
    places = "".join(f"<url><loc>{loc}</loc></url>" for loc in ("https://[bad/", "a.html", READ[1]))
    assert list(sitemaps.read(f"<urlset>{places}</urlset>".encode())) == [READ[1]]


def test_comments_without_end_behind_a_sitemap_cost_nothing() -> None:
    started = time.process_time()
    with pytest.raises(sitemaps.NoSitemap):
        list(sitemaps.read(b"<urlset></urlset>" + b"<!---->" * 580 + b"x"))
    assert time.process_time() - started < 1
