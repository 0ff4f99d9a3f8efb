"""A shopper's wish as an address: query strings to `Wanted`, and `Wanted` back to addresses."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from reseller.catalogue import SORTS, Wanted
from reseller.catalogue.search import without
from webapp.i18n import money_text
from webapp.storefront import names

MOST_DINARS = Decimal(10) ** 11


def wanted(arguments: MultiDict[str, str], shelf: str | None = None) -> Wanted:
    """What an address asks for; what makes no sense in it is left out."""
    sort = arguments.get("sort")
    return Wanted(
        query=" ".join(arguments.get("q", "").replace("\0", "").split())[:120],
        shelf=shelf or _one_of(arguments.get("shelf"), names.SHELVES),
        brands=_texts(arguments, "brand"),
        sources=_texts(arguments, "source"),
        price_min=_dinars(arguments.get("min")),
        price_max=_dinars(arguments.get("max")),
        in_stock=arguments.get("stock") == "1",
        dropped=arguments.get("drop") == "1",
        well_rated=arguments.get("rated") == "1",
        sort=next((known for known in SORTS if known == sort), "relevance"),
        page=max(1, arguments.get("page", 1, type=int)),
    )


def _one_of(value: str | None, known: dict[str, Any]) -> str | None:
    return value if value in known else None


def _texts(arguments: MultiDict[str, str], name: str) -> tuple[str, ...]:
    kept = (value.replace("\0", "").strip()[:80] for value in arguments.getlist(name)[:20])
    return tuple(dict.fromkeys(value for value in kept if value))


def _dinars(text: str | None) -> Decimal | None:
    digits = "".join(sign for sign in text or "" if not sign.isspace()).replace(",", ".")
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < MOST_DINARS else None


def address(wish: Wanted, page: int = 1) -> str:
    """The address that asks for `wish`."""
    values: dict[str, Any] = {
        "q": wish.query,
        "brand": list(wish.brands),
        "source": list(wish.sources),
        "min": _plain(wish.price_min),
        "max": _plain(wish.price_max),
        "stock": "1" if wish.in_stock else "",
        "drop": "1" if wish.dropped else "",
        "rated": "1" if wish.well_rated else "",
        "sort": wish.sort if wish.sort != "relevance" else "",
        "page": page if page > 1 else "",
    }
    values = {name: value for name, value in values.items() if value not in ("", None, [])}
    if wish.shelf and not wish.query:
        return url_for("storefront.shelf", key=wish.shelf, **values)
    if wish.shelf:
        values["shelf"] = wish.shelf
    return url_for("storefront.search", **values)


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"


def active(wish: Wanted) -> list[tuple[str, str]]:
    """What narrows the wish now: a label each, and the address without it."""
    chips: list[tuple[str, str]] = []
    if wish.shelf and wish.query:
        chips.append((str(names.SHELVES[wish.shelf]), address(without(wish, shelf=None))))
    for source in wish.sources:
        label = _("In our shop") if source == "shop" else names.market(source)
        chips.append((label, address(without(wish, sources=tuple(set(wish.sources) - {source})))))
    for brand in wish.brands:
        kept = tuple(other for other in wish.brands if other != brand)
        chips.append((brand, address(without(wish, brands=kept))))
    if wish.price_min is not None:
        chips.append((_("From %(price)s", price=money_text(wish.price_min)), address(without(wish, price_min=None))))
    if wish.price_max is not None:
        chips.append((_("Up to %(price)s", price=money_text(wish.price_max)), address(without(wish, price_max=None))))
    if wish.in_stock:
        chips.append((_("In stock"), address(without(wish, in_stock=False))))
    if wish.dropped:
        chips.append((_("Price drops"), address(without(wish, dropped=False))))
    if wish.well_rated:
        chips.append((_("4 stars and more"), address(without(wish, well_rated=False))))
    return chips
