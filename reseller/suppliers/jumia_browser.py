"""Buys at a Jumia shop as a person does: in a real browser, signed in, cash on delivery.

The shop knows no idempotency keys. What makes an order happen once: `sending` is called before the last click and
commits that the order may exist; afterwards only the order history says whether it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

from typing_extensions import override

from config import settings
from reseller.purchase_check import refuse_unless_as_agreed
from reseller.suppliers import (
    Confirmation,
    Offer,
    Request,
    Sending,
    Supplier,
    SupplierNeedsPerson,
    SupplierRefused,
    SupplierUnavailable,
)
from reseller.suppliers import jumia_reading as reading
from reseller.suppliers.jumia_history import HISTORY, history, order_of
from reseller.suppliers.jumia_reading import PageChanged, dinars
from reseller.suppliers.jumia_session import Session, session


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who buys, and where the parcel goes. The password is in no representation."""

    origin: str
    email: str
    password: str = field(repr=False)
    name: str
    phone: str
    wilaya: int
    commune: str
    street: str


def account_of_settings() -> Account:
    """The account of the settings; at the demo's shop its published one."""
    chosen = settings()
    demo = chosen.jumia_site is None
    password = chosen.jumia_password.get_secret_value() if chosen.jumia_password else ""
    return Account(
        origin=chosen.jumia_site or f"http://127.0.0.1:{chosen.demo_jumia_port}",
        email=chosen.jumia_email or ("acheteur@hanout.example" if demo else ""),
        password=password or ("demo-achats" if demo else ""),
        name=chosen.delivery_name or chosen.shop_name,
        phone=(chosen.delivery_phone or chosen.shop_phone).replace(" ", ""),
        wilaya=chosen.delivery_wilaya,
        commune=chosen.delivery_commune,
        street=chosen.delivery_street or ("1, rue de la Démonstration" if demo else ""),
    )


class JumiaBrowser(Supplier):
    """One order at a time: the account has one cart."""

    name = "jumia_browser"
    by_hand = False
    keeps_keys = False

    def __init__(self, account: Account) -> None:
        self._account = account

    @override
    def look(self, request: Request) -> Offer | None:
        with session(self._account.origin, request.key) as at:
            return _look(at, request)

    @override
    def order(self, request: Request, sending: Sending) -> Confirmation:
        account = self._account
        if not (account.email and account.password and account.street):
            raise SupplierNeedsPerson("set JUMIA_EMAIL, JUMIA_PASSWORD and DELIVERY_STREET to buy in the browser")
        with session(account.origin, request.key) as at:
            _sign_in(at, account)
            _empty_cart(at)
            price = _add(at, request)
            _ship_to(at, account)
            agreed = _summary(at, request, price)
            sending(agreed)
            return _confirm(at, agreed)

    @override
    def by_key(self, request: Request) -> Confirmation | None:
        with session(self._account.origin, request.key) as at:
            _sign_in(at, self._account, HISTORY)
            found = reading.the_order_of(request, history(at))
            return found.confirmation() if found else None

    @override
    def by_reference(self, reference: str) -> Confirmation | None:
        with session(self._account.origin, reference) as at:
            _sign_in(at, self._account, HISTORY)
            found = order_of(at, reference)
            return found.confirmation() if found else None


def _sign_in(at: Session, account: Account, then: str = "/cart/") -> None:
    at.doing = "signing in"
    at.open(f"/customer/account/login/?return={then}")
    at.one("#login input[name=email]").fill(account.email)
    at.one("#login input[name=password]").fill(account.password)
    answer = at.send(at.one("#login button"))
    state = at.state()
    if answer.status >= 400 or not state or state.get("user", {}).get("isGuest") is not False:
        raise SupplierNeedsPerson("the shop does not let us sign in")


def _empty_cart(at: Session) -> None:
    at.doing = "emptying the cart"
    at.one("#cart")
    lines = at.page.locator("#cart article[data-sku]")
    for _ in range(lines.count()):
        at.send(lines.first.locator("form.out button"))
    if lines.count():
        raise PageChanged("the cart does not become empty")


def _look(at: Session, request: Request) -> Offer | None:
    at.doing = "looking at the product"
    address = urlsplit(request.url)
    answer = at.open(address.path or "/")
    if answer.status == 404:
        return None
    found = reading.offer(at.state(), at.text_if_there(".-tal.-fs24"), at.text_if_there("h1.-fs20"))
    if found and not found.available and found.available is not None:
        return found
    if found:
        at.one("#add-to-cart button")
    return found


def _add(at: Session, request: Request) -> Decimal:
    """Puts the units into the cart; the unit price in DZD that the product page asked."""
    offer = _look(at, request)
    refuse_unless_as_agreed(offer, request)
    assert offer is not None
    at.doing = "putting it into the cart"
    at.send(at.one("#add-to-cart button"))
    line = f"#cart article[data-sku='{request.sku}']"
    at.one(f"{line} input[name=quantity]").fill(str(request.quantity))
    if at.send(at.one(f"{line} form.qty button")).status == 409:
        raise SupplierRefused("out_of_stock", "sold out: the shop does not have so many")
    units = at.one(f"{line} input[name=quantity]").input_value()
    _refuse_other_lines(at, "#cart", request, units, offer.unit_price)
    return offer.unit_price


def _ship_to(at: Session, account: Account) -> None:
    at.doing = "giving the address"
    at.open("/checkout/address/")
    for name in ("name", "phone", "commune", "street"):
        at.one(f"#address input[name={name}]").fill(getattr(account, name))
    at.one("#address select[name=wilaya]").select_option(str(account.wilaya))
    if at.send(at.one("#address button")).status >= 400:
        raise SupplierNeedsPerson("the shop does not take the address")


def _summary(at: Session, request: Request, price: Decimal) -> Decimal:
    """Checks the last page before the click; the total in DZD that it shows."""
    at.doing = "checking the summary"
    at.one("#summary")
    _refuse_other_lines(at, "#summary", request, at.text("#summary .count"), price)
    items, delivery, total = (dinars(at.text(f"#summary #{name}")) for name in ("subtotal", "delivery", "total"))
    if items != price * request.quantity or total != items + delivery:
        raise SupplierNeedsPerson(
            f"the total changed: {total} DA with {delivery} DA for delivery, where {request.quantity} x {price} DA were"
            " agreed"
        )
    if request.max_total is not None and total > request.max_total:
        raise SupplierNeedsPerson(
            f"the total, {total} DA with delivery, is more than the {request.max_total} DA set aside"
        )
    at.one("#place-order input[value=cash_on_delivery]").check()
    at.one("#place-order button")
    return total


def _confirm(at: Session, agreed: Decimal) -> Confirmation:
    """The last click, and the order number read back. From the click on every trouble leaves it open what happened."""
    at.doing = "confirming the order"
    if (now := dinars(at.text("#summary #total"))) != agreed:
        raise SupplierNeedsPerson(f"the total changed: {now} DA instead of {agreed} DA")
    try:
        answer = at.send(at.one("#place-order button"))
        if answer.status == 409 and at.page.locator("#cart [role=alert]").count():
            raise SupplierRefused("out_of_stock", "sold out at the checkout")
        number = at.text("#order-number").strip()
        at.doing = "reading the order back"
        found = order_of(at, number)
    except (SupplierNeedsPerson, PageChanged) as problem:
        raise SupplierUnavailable(f"after the last click: {problem}", at.screenshot()) from problem
    if found is None or found.total != agreed:
        what = f"{found.total} DA" if found else "nothing"
        raise SupplierNeedsPerson(f"order {number} is in the history at {what}, agreed were {agreed} DA")
    return found.confirmation()


def _refuse_other_lines(at: Session, page: str, request: Request, units: str, price: Decimal) -> None:
    """The page lists our product alone, so many of it, at this price.

    Raises:
        SupplierNeedsPerson: it lists something else, or asks another price.
    """
    lines = at.page.locator(f"{page} article[data-sku]")
    skus = [lines.nth(number).get_attribute("data-sku") for number in range(lines.count())]
    if skus != [request.sku] or units.strip() != str(request.quantity):
        raise SupplierNeedsPerson(f"the shop lists {skus} x {units} instead of {request.quantity} x {request.sku}")
    if (asked := dinars(at.text(f"{page} article .prc"))) != price:
        raise SupplierNeedsPerson(f"the price changed: {asked} DA instead of {price} DA")
