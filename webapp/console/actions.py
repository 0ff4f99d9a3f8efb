"""What the console's forms do: each calls one function of the business, commits, says what happened, goes back."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from database.agent import MODES
from reseller import control, inventory, money, purchasing
from reseller import proposals as business
from reseller.refusals import Refused
from webapp import decisions
from webapp.console import forms, labels
from webapp.console.access import owner_only
from webapp.console.blueprint import blueprint
from webapp.console.views import settings_page
from webapp.i18n import money_text
from webapp.security import MOST_ID
from webapp.work import now, work

REFUSALS_SAID = 5
"""Refusals told one by one: messages travel in a cookie, and a browser drops one of over 4 kB without a word."""


@blueprint.errorhandler(Refused)
def _refused(refusal: Refused) -> Response:
    """A refusal is an answer, not a fault: said on the page that asked."""
    work().rollback()
    flash(labels.refusal(refusal), "error")
    return forms.back(url_for("console.today"))


@blueprint.post("/proposals/decide")
def decide() -> Response:
    """Approves or rejects one proposal or several; each stands alone, a refusal does not undo the others."""
    verdict, ids = _verdict()
    if not ids:
        flash(_("Choose at least one proposal first."), "error")
    done, refused = 0, []
    for proposal_id in ids:
        try:
            _decide(verdict, proposal_id)
            done += 1
        except Refused as refusal:
            work().rollback()
            refused.append((proposal_id, refusal))
    if done and verdict == "reject":
        flash(ngettext("Rejected.", "%(num)s proposals rejected.", done), "success")
    elif done:
        flash(ngettext("Approved.", "%(num)s proposals approved.", done), "success")
    for proposal_id, why in refused[:REFUSALS_SAID]:
        flash(labels.refusal(why) if len(ids) == 1 else f"n° {proposal_id}: {labels.refusal(why)}", "error")
    if left := len(refused[REFUSALS_SAID:]):
        flash(ngettext("One more was refused.", "%(num)s more were refused.", left), "error")
    return forms.back(url_for("console.proposals"))


def _verdict() -> tuple[str, list[int]]:
    verdict = next((name for name in ("approve", "reject") if name in request.form), None)
    if verdict is None:
        abort(400)
    one = request.form.get(verdict, type=int)
    ids = [one] if one else request.form.getlist("ids", type=int)[:200]
    return verdict, [chosen for chosen in ids if 0 < chosen <= MOST_ID]


def _decide(verdict: str, proposal_id: int) -> None:
    if verdict == "reject":
        business.reject(work(), proposal_id, who=g.account.email, reason=forms.reason(), now=now())
        work().commit()
        return
    approved = decisions.approve(work(), proposal_id, who=g.account.email, reason=forms.reason(), now=now())
    if approved.held_up:
        flash(_("Approved, but not ordered yet: %(why)s", why=labels.refusal(approved.held_up)), "info")
    elif approved.order.state == "failed":
        flash(_("Approved, but the supplier said no. The purchase says why."), "error")
    elif approved.order.state == "ordering":
        flash(_("Order it from the seller, then enter the reference under Purchases."), "info")


@blueprint.post("/purchases/<int:purchase_id>/place")
def place(purchase_id: int) -> Response:
    """Sends an approved order to its supplier now."""
    order = purchasing.place(purchase_id, now(), who=g.account.email)
    flash(_("The purchase is now: %(state)s.", state=labels.label("purchase", order.state)), "info")
    return forms.back(url_for("console.purchase", purchase_id=purchase_id))


@blueprint.post("/purchases/<int:purchase_id>/ordered")
def mark_ordered(purchase_id: int) -> Response:
    """A person has ordered by hand."""
    purchasing.mark_ordered(
        work(), purchase_id, request.form.get("reference", "")[:200], who=g.account.email, now=now()
    )
    work().commit()
    flash(_("Noted as ordered. Say so here when the goods have come."), "success")
    return forms.back(url_for("console.purchase", purchase_id=purchase_id))


@blueprint.post("/purchases/<int:purchase_id>/received")
def receive(purchase_id: int) -> Response:
    """The goods are here."""
    cost = forms.amount("unit_cost")
    order = purchasing.receive(work(), purchase_id, who=g.account.email, now=now(), unit_cost=cost)
    work().commit()
    flash(ngettext("%(num)s unit is in stock and in the shop.", "%(num)s units are in stock and in the shop.",
                   order.quantity), "success")  # fmt: skip
    return forms.back(url_for("console.purchase", purchase_id=purchase_id))


@blueprint.post("/purchases/<int:purchase_id>/cancel")
def cancel(purchase_id: int) -> Response:
    """Gives an order up and its money back."""
    order = purchasing.cancel(work(), purchase_id, who=g.account.email, reason=forms.reason(), now=now())
    work().commit()
    flash(_("Cancelled. %(amount)s are free again.", amount=money_text(order.total)), "success")
    return forms.back(url_for("console.purchase", purchase_id=purchase_id))


@blueprint.post("/stock/<int:product_id>/correct")
def correct(product_id: int) -> Response:
    """Counted, and the book was wrong."""
    if not (units := forms.whole("quantity")):
        raise Refused("bad_value", "Units are whole.", field="quantity")
    inventory.correct(work(), product_id, units, who=g.account.email, reason=forms.reason(), now=now(), key=forms.key())
    work().commit()
    flash(_("Corrected. The movement is in the list below."), "success")
    return forms.back(url_for("console.stock_item", product_id=product_id))


@blueprint.post("/settings")
@owner_only
def change_settings() -> Any:
    """Shows what would change; changes it when sent again with `confirmed`. A bad value is refused at its field."""
    given, errors = _wishes()
    changes = {} if errors else _changes(given, errors)
    if errors:
        page = render_template("console/settings.html", **settings_page(), errors=errors, typed=request.form)
        return page, 422
    if not changes:
        flash(_("Nothing to change: these are the settings already."), "info")
        return forms.back(url_for("console.settings"))
    if request.form.get("confirmed") != "yes":
        return render_template("console/confirm.html", changes=changes, budget=money.budget(work(), now()))
    control.change(work(), who=g.account.email, **{name: after for name, (_before, after) in changes.items()})
    work().commit()
    flash(_("The settings are changed."), "success")
    return forms.back(url_for("console.settings"))


def _wishes() -> tuple[dict[str, Any], dict[str, str]]:
    """What the form asks for, by setting, and what is wrong with it, by field."""
    given: dict[str, Any] = {"mode": request.form.get("mode") if request.form.get("mode") in MODES else None}
    errors: dict[str, str] = {}
    for name in ("budget_per_day", "budget_total", "cap_per_product", "margin_floor"):
        try:
            amount = forms.amount(name)
        except Refused as refusal:
            errors[name] = labels.refusal(refusal)
            continue
        given[name] = amount / 100 if amount is not None and name == "margin_floor" else amount
    return given, errors


def _changes(given: dict[str, Any], errors: dict[str, str]) -> dict[str, tuple[Any, Any]]:
    """Setting: what it is, what it would be; only those that differ. Each is tried with the business before it is
    shown, and what it refuses is added to `errors`."""
    row = control.get(work())
    differing = {
        name: (getattr(row, name), value)
        for name, value in given.items()
        if value is not None and value != getattr(row, name)
    }
    for name, (_before, after) in differing.items():
        with work().begin_nested() as trial:
            try:
                control.change(work(), who=g.account.email, **{name: after})
            except Refused as refusal:
                errors[name] = labels.refusal(refusal)
            trial.rollback()
    return differing


@blueprint.post("/stop")
def stop() -> Response:
    """Throws the stop switch. Anyone who works here may: stopping is always safe."""
    control.stop(work(), g.account.email, forms.reason())
    work().commit()
    flash(_("Stopped: nothing is reserved and nothing is ordered until an owner releases the switch."), "success")
    return forms.back(url_for("console.today"))


@blueprint.post("/resume")
@owner_only
def resume() -> Response:
    """Releases the stop switch."""
    control.resume(work(), g.account.email)
    work().commit()
    flash(_("The stop switch is released."), "success")
    return forms.back(url_for("console.today"))
