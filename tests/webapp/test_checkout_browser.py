from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from database.orders import OrderContact
from tests.webapp.assortment import Shelf

pytestmark = pytest.mark.browser


def fill(page: Any, commune: str = "Hydra") -> None:
    page.locator("#name").fill("Amina B.")
    page.locator("#phone").fill("0550 12 34 56")
    page.locator("#commune").fill(commune)
    page.locator("#address").fill("12 rue Didouche Mourad")


def order_button(page: Any) -> Any:
    return page.locator(".checkout .button--big")


@pytest.mark.parametrize("code", ["fr", "ar"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_shopper_orders_from_the_product_page_and_always_sees_the_total(
    visit: Any, shelf: Shelf, work: Session, complaints: list[str], code: str, width: int
) -> None:
    page = visit(f"/p/{shelf['earphones'].id}?lang={code}", width=width)
    page.locator(".product .button--big").click()
    expect(page.locator(".checkout__total")).to_be_in_viewport(ratio=1)
    expect(order_button(page)).to_be_in_viewport(ratio=1)
    expect(page.locator(".checkout__update")).to_be_hidden()
    page.locator("#wilaya").select_option("31")
    expect(page.locator(".checkout__total")).to_contain_text("9\u202f900")
    assert page.locator("#communes option").first.get_attribute("value") in ("Ain El Bia", "عين البية", "Ain Biya")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    fill(page, "بئر الجير")
    order_button(page).click()
    expect(page.locator(".ordered__reference")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert work.scalars(sa.select(OrderContact.commune)).one() == "Bir El Djir"
    assert complaints == []


def test_without_javascript_the_total_is_asked_for_by_a_button_and_the_keyboard_is_enough(
    visit: Any, shelf: Shelf, work: Session
) -> None:
    page = visit(f"/order/{shelf['earphones'].id}?lang=fr", java_script_enabled=False)
    fill(page)
    page.locator("#quantity").select_option("2")
    page.locator(".checkout__update").press("Enter")
    expect(page.locator(".checkout__total")).to_contain_text("18\u202f900")
    expect(page.locator("#name")).to_have_value("Amina B.")
    page.locator("#name").press("Enter")
    expect(page.locator(".ordered__reference")).to_be_visible()


def test_enter_in_a_field_orders_and_does_not_ask_for_the_total(visit: Any, shelf: Shelf) -> None:
    page = visit(f"/order/{shelf['earphones'].id}?lang=fr")
    fill(page)
    page.locator("#address").press("Enter")
    expect(page.locator(".ordered__reference")).to_be_visible()


def test_what_is_wrong_is_told_to_a_screen_reader_beside_its_field(visit: Any, shelf: Shelf) -> None:
    page = visit(f"/order/{shelf['earphones'].id}?lang=fr")
    fill(page)
    page.locator("#phone").fill("021 55 44 33")
    order_button(page).click()
    expect(page.locator("#phone")).to_have_accessible_description(
        "Un numéro de mobile a 10 chiffres et commence par 05, 06 ou 07."
    )
    expect(page.locator("[role=alert]")).to_be_focused()
    expect(page.locator("#name")).to_have_value("Amina B.")
