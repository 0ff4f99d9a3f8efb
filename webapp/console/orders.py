"""Shoppers' orders: what waits for a call or a parcel, one order, and its next step."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import abort, flash, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from database.orders import Order
from reseller import places, sales
from reseller.overview import orders as read
from reseller.refusals import Refused
from webapp.console import forms, labels
from webapp.console.blueprint import blueprint
from webapp.console.views import page_number, words
from webapp.i18n import language
from webapp.work import now, work

TABS = ("placed", "confirmed", "shipped", "coming_back", "delivered", "refused", "returned", "cancelled", "all")
STEPS: dict[str, Callable[..., Order]] = {
    "confirm": sales.confirm,
    "ship": sales.ship,
    "deliver": sales.deliver,
    "refuse": sales.refuse,
    "cancel": sales.cancel,
    "take_back": sales.take_back,
}
CHARGED = {"ship": "cost", "deliver": "fee", "refuse": "cost", "take_back": "cost"}
"""Steps that cost money, and what their cost is called."""
REASONED = ("cancel", "refuse", "take_back")


@blueprint.app_template_filter("wilaya")
def _wilaya(number: int) -> str:
    """`16 · Alger`."""
    name = next((place.name(language()) for place in places.wilayas() if place.wilaya == number), "")
    return f"{number:02} · {name}"


@blueprint.get("/orders")
def orders() -> str:
    """Orders by what they wait for."""
    counts = read.counts(work())
    wanted = request.args.get("state")
    busy = next((name for name in TABS[:4] if counts.get(name)), "all")
    state = wanted if wanted in TABS else busy
    rows = read.orders(work(), None if state == "all" else state, query=words(), page=page_number())
    return render_template(
        "console/orders.html", rows=rows, state=state, tabs_of=TABS, counts=counts, query=words(), first="placed"
    )


@blueprint.get("/orders/<int:order_id>")
def order(order_id: int) -> str:
    """One order: to whom, what, what happened, what next."""
    page = read.order(work(), order_id) or abort(404)
    return render_template("console/order.html", page=page, row=page.row, charged=CHARGED, reasoned=REASONED)


@blueprint.post("/orders/<int:order_id>/<any(confirm, ship, deliver, refuse, cancel, take_back):step>")
def take_step(order_id: int, step: str) -> Response:
    """Carries out one step of an order."""
    why = forms.reason()
    if step in REASONED and not why:
        raise Refused("bad_value", "Say why.", field="why")
    given: dict[str, Any] = {"who": g.account.email, "why": why, "now": now()}
    if step in CHARGED and (amount := forms.amount("cost")) is not None:
        given[CHARGED[step]] = _cost(amount)
    if step == "take_back":
        given |= _units()
    moved = STEPS[step](work(), order_id, **given)
    work().commit()
    flash(_("The order is now: %(state)s.", state=labels.label("order", moved.state)), "success")
    return forms.back(url_for("console.order", order_id=order_id))


def _cost(amount: Decimal) -> Decimal:
    if not 0 <= amount < 1_000_000:
        raise Refused("bad_value", f"{amount} DA is no cost.", field="cost")
    return round(amount, 2)


def _units() -> dict[str, dict[int, int]]:
    """Units by product that came back, and of these the lost ones; a field left empty is none of its product."""
    back = {product: forms.whole(f"back-{product}") or 0 for product in _products("back-")}
    lost = {product: forms.whole(f"lost-{product}") or 0 for product in _products("lost-")}
    return {"units": back, "lost": {product: units for product, units in lost.items() if units}}


def _products(prefix: str) -> list[int]:
    names = [name.removeprefix(prefix) for name in request.form if name.startswith(prefix)]
    return [int(name) for name in names if name.isdecimal() and len(name) < 19]
