"""The guest checkout: one page, five fields, cash on delivery."""

from __future__ import annotations

import logging
import uuid
from decimal import Decimal, InvalidOperation

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from reseller import catalogue, checkout, delivery, places, sales
from reseller.channels import ChannelUnavailable, sync
from reseller.checkout import Offer
from reseller.refusals import Refused
from webapp.i18n import money_text
from webapp.storefront.filled import Filled
from webapp.work import now, work

log = logging.getLogger(__name__)
PAGE = "storefront/checkout.html"


def register(blueprint: Blueprint) -> None:
    """Adds the checkout to the shop's pages."""
    blueprint.add_url_rule("/order/<int:listing_id>", "checkout", ask)
    blueprint.add_url_rule("/order/<int:listing_id>", "place_order", order, methods=["POST"])
    blueprint.add_url_rule("/ordered/<key>", "ordered", ordered)


def ask(listing_id: int) -> str | tuple[str, int]:
    """The form; `quantity` and `wilaya` in the address say for what the total is."""
    return _page(listing_id, _offer(listing_id), Filled.of(request.args), {})


def order(listing_id: int) -> str | tuple[str, int] | Response:
    """Orders, or shows the form again with what is wrong beside its field."""
    offer, filled = _offer(listing_id), Filled.of(request.form)
    if "update" in request.form:
        return _page(listing_id, offer, filled, {})
    errors = filled.errors()
    if errors:
        return _page(listing_id, offer, filled, errors), 422
    basket = {offer.product_id: filled.quantity}
    work().rollback()
    try:
        sync.make_free(basket, now())
        sales.place(
            work(),
            basket,
            filled.contact(),
            key=filled.key,
            wilaya=filled.wilaya,
            agreed=_agreed(),
            now=now(),
        )
    except Refused as refusal:
        work().rollback()
        return _page(listing_id, _offer(listing_id), filled, {"form": _said(refusal)}), 409
    except ChannelUnavailable as error:
        log.warning("order of listing %s: %s", listing_id, error)
        said = _("The last ones also stand in another shop, which does not answer. Try again in some minutes.")
        return _page(listing_id, offer, filled, {"form": said}), 503
    work().commit()
    return redirect(url_for("storefront.ordered", key=filled.key), 303)


def ordered(key: str) -> Response:
    """What was ordered and what happens next; kept by nobody on the way."""
    found = checkout.ordered(work(), key)
    if found is None:
        abort(404)
    answer = Response(render_template("storefront/ordered.html", order=found), mimetype="text/html")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _offer(listing_id: int) -> Offer:
    found = checkout.offer(work(), listing_id)
    if found is None:
        abort(404)
    return found


def _page(listing_id: int, offer: Offer, filled: Filled, errors: dict[str, str]) -> str:
    page = catalogue.product(work(), listing_id)
    return render_template(
        PAGE,
        listing_id=listing_id,
        offer=offer,
        card=page.card if page else None,
        filled=filled,
        errors=errors,
        total=checkout.total(offer, filled.quantity, filled.wilaya),
        wilayas=[(place, delivery.zone(place.wilaya).fee) for place in places.wilayas()],
        communes=places.communes(filled.wilaya),
        key=filled.key or str(uuid.uuid4()),
    )


def _agreed() -> Decimal | None:
    """The total that the form showed; a form without it (a program's) agrees to any."""
    text = request.form.get("agreed", "")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return Decimal(-1) if text else None
    return amount if amount.is_finite() else Decimal(-1)


def _said(refusal: Refused) -> str:
    said = _("This order could not be taken. Call us.")
    if refusal.code == "price_changed":
        total = money_text(Decimal(refusal.details["total"]))
        said = _("The total is now %(total)s. Check it and order again.", total=total)
    elif refusal.code == "sold_out":
        left = int(refusal.details.get("left", 0))
        said = _("Somebody has just bought the last one.")
        if left:
            said = _("Only %(left)s left: choose fewer.", left=left)
    return str(said)
