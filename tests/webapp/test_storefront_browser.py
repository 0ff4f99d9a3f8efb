from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.webapp.assortment import Shelf

pytestmark = pytest.mark.browser


def paths(shelf: Shelf) -> list[str]:
    return ["/", "/c/phones", "/search?q=samsnug", "/search?q=zzxxqq", f"/p/{shelf['phone'].id}",
            f"/p/{shelf['earphones'].id}"]  # fmt: skip


def with_language(path: str, code: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={code}"


@pytest.mark.parametrize("code", ["fr", "ar"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_break_no_policy_and_never_scroll_sideways(
    visit: Any, shelf: Shelf, complaints: list[str], code: str, width: int
) -> None:
    for path in paths(shelf):
        page = visit(with_language(path, code), width=width)
        page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if code == "ar" else "ltr")
        broken = "[...document.images].filter(image => image.complete && !image.naturalWidth).length"
        assert page.evaluate(broken) == 0
    assert complaints == []


def test_a_broken_policy_would_be_noticed(visit: Any, shelf: Shelf, complaints: list[str]) -> None:
    page = visit("/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    page.wait_for_timeout(100)
    assert any("style-src" in complaint for complaint in complaints)


def test_the_price_chart_is_drawn_and_takes_its_place_beforehand(visit: Any, shelf: Shelf) -> None:
    page = visit(f"/p/{shelf['phone'].id}?lang=ar")
    chart = page.locator(".history__chart img")
    before = chart.bounding_box()
    chart.scroll_into_view_if_needed()
    expect(chart).not_to_have_js_property("naturalWidth", 0)
    after = chart.bounding_box()
    assert before["height"] == pytest.approx(after["height"], abs=1)
    assert "44" in chart.get_attribute("alt")


def test_the_keyboard_reaches_search_and_product_and_shows_where_it_is(visit: Any, shelf: Shelf) -> None:
    page = visit("/?lang=fr", width=1280)
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                """() => { const at = document.activeElement;
                const ring = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                const seen = ring(getComputedStyle(at)) || ring(getComputedStyle(at, '::after'));
                const name = at.className || at.id || at.closest('[class]').className;
                return [name, seen || at.matches('.skip, body')] }"""
            )
        )
    assert seen[0][0] == "skip"
    assert any("search__field" in name for name, _ in seen)
    assert any("card__title" in name for name, _ in seen)
    assert [name for name, visible in seen if not visible] == []


def test_without_javascript_filters_are_a_form_that_posts_nothing_but_an_address(visit: Any, shelf: Shelf) -> None:
    page = visit("/c/phones?lang=fr", java_script_enabled=False)
    page.locator("summary.drawer__handle").click()
    page.locator("input[name=source][value=ouedkniss]").check()
    page.locator(".drawer__go").click()
    page.wait_for_load_state()
    assert "source=ouedkniss" in page.url
    assert page.locator(".grid .card").count() == 1
    assert page.locator(".chip").first.inner_text().split() == ["Retirer", "le", "filtre", "Ouedkniss"]


def test_with_javascript_filters_change_the_list_without_a_reload(
    visit: Any, shelf: Shelf, complaints: list[str]
) -> None:
    page = visit("/c/phones?lang=fr")
    page.evaluate("window.stayed = true")
    page.locator("summary.drawer__handle").click()
    page.locator("input[name=source][value=ouedkniss]").check()
    expect(page.locator(".grid .card")).to_have_count(1)
    assert "source=ouedkniss" in page.url
    assert page.locator("details.drawer").get_attribute("open") is not None
    page.locator("a.chip").first.click()
    expect(page.locator(".grid .card")).to_have_count(3)
    page.go_back()
    expect(page.locator(".grid .card")).to_have_count(1)
    assert page.evaluate("window.stayed") is True
    assert complaints == []


def test_the_dark_theme_follows_the_reader(visit: Any, shelf: Shelf) -> None:
    light = visit("/").evaluate("getComputedStyle(document.body).backgroundColor")
    dark = visit("/", color_scheme="dark").evaluate("getComputedStyle(document.body).backgroundColor")
    assert (light, dark) == ("rgb(251, 248, 243)", "rgb(20, 24, 21)")


def test_a_card_can_be_touched_anywhere(visit: Any, shelf: Shelf) -> None:
    page = visit("/?lang=fr")
    page.locator("section:has(#trending) .card__picture").first.click(force=True)
    page.wait_for_load_state()
    assert f"/p/{shelf['phone'].id}-" in page.url
