"""Our prices: the changes, one product's, and the way back."""

from __future__ import annotations

from flask import Response, abort, flash, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from reseller import repricing
from reseller.overview import prices as read
from reseller.overview.prices import PricePage
from reseller.refusals import Refused
from webapp.charts import lines
from webapp.charts.lines import Line
from webapp.console import forms
from webapp.console.blueprint import blueprint, picture_answer
from webapp.console.views import page_number, words
from webapp.i18n import day, language, money_text
from webapp.work import now, work


@blueprint.get("/prices")
def prices() -> str:
    """Every change of a price of ours, with its reason."""
    rules = read.rules(work())
    rule = request.args.get("rule") or None
    rule = rule if rule in rules else None
    rows = read.changes(work(), rule=rule, query=words(), page=page_number())
    return render_template("console/prices.html", rows=rows, rules=rules, rule=rule, query=words())


@blueprint.get("/prices/<int:listing_id>")
def price(listing_id: int) -> str:
    """One listing: its price beside its floor and what others ask, and its changes."""
    page = read.price(work(), listing_id) or abort(404)
    return render_template("console/price.html", page=page, row=page.row, summary=_summary(page))


@blueprint.get("/prices/<int:listing_id>/chart.svg")
def own_price_chart(listing_id: int) -> Response:
    """The same as a picture."""
    page = read.price(work(), listing_id) or abort(404)
    drawn = [
        Line(_("others"), "blue", tuple(page.others)),
        Line(_("floor"), "grey", tuple(page.floors), dashed=True),
        Line(_("our price"), "green", tuple(page.ours)),
    ]
    if not any(line.points for line in drawn):
        abort(404)
    narrow = request.args.get("size") == "narrow"
    return picture_answer(lines.over_time(drawn, page.row.title, _summary(page), language(), narrow=narrow))


def _summary(page: PricePage) -> str:
    said = [_("Our price is %(price)s.", price=money_text(page.row.price))]
    if page.floors:
        said.append(_("The least that is allowed is %(floor)s.", floor=money_text(page.floors[-1][1])))
    if page.others:
        when, lowest = page.others[-1]
        said.append(_("Others asked %(price)s on %(day)s.", price=money_text(lowest), day=day(when)))
    return " ".join(said)


@blueprint.post("/prices/changes/<int:change_id>/undo")
def undo_price(change_id: int) -> AnyResponse:
    """Takes a change back; the price then rests for a week."""
    made = repricing.undo(work(), change_id, who=g.account.email, now=now())
    work().commit()
    flash(_("The price is %(price)s again, and rests for a week.", price=money_text(made.new_price)), "success")
    return forms.back(url_for("console.price", listing_id=made.listing_id))


@blueprint.post("/prices/<int:listing_id>")
def set_price(listing_id: int) -> AnyResponse:
    """A person sets a price, which then rests for a week."""
    wanted = forms.amount("price")
    if wanted is None:
        raise Refused("bad_value", "A price is needed.", field="price")
    made = repricing.set_price(work(), listing_id, wanted, who=g.account.email, reason=forms.reason(), now=now())
    work().commit()
    flash(_("The price is now %(price)s, and rests for a week.", price=money_text(made.new_price)), "success")
    return forms.back(url_for("console.price", listing_id=listing_id))
