"""Stock: what is on hand, promised and shown elsewhere, lot by lot, and what it was worth over time."""

from __future__ import annotations

import uuid

from flask import Response, abort, render_template, request
from flask_babel import gettext as _

from reseller import overview
from reseller.overview import ledger, prices
from reseller.overview import shelf as read
from webapp.charts import lines
from webapp.charts.lines import Line
from webapp.console.blueprint import blueprint, picture_answer
from webapp.console.views import page_number, words
from webapp.i18n import language, money_text
from webapp.work import now, work


@blueprint.get("/stock")
def stock() -> str:
    """What is on hand and what it cost."""
    held_only = request.args.get("held") == "1"
    rows = overview.stock(work(), query=words(), held_only=held_only, page=page_number())
    positions = read.positions(work(), [row.product_id for row in rows.rows])
    return render_template(
        "console/stock.html",
        rows=rows,
        positions=positions,
        query=words(),
        held_only=held_only,
        summary=_summary(),
    )


@blueprint.get("/stock/chart.svg")
def stock_chart() -> Response:
    """What lay in stock over time, at cost, as a picture."""
    days = ledger.over_time(work(), now())
    if not days:
        abort(404)
    line = Line(_("stock at cost"), "green", tuple((one.day, one.stock) for one in days))
    narrow = request.args.get("size") == "narrow"
    title = _("Stock at cost")
    return picture_answer(lines.over_time([line], title, _summary() or title, language(), narrow=narrow))


def _summary() -> str:
    days = ledger.over_time(work(), now())
    if not days:
        return ""
    most = max(days, key=lambda one: one.stock)
    held, highest = money_text(days[-1].stock), money_text(most.stock)
    return str(_("%(now)s lie in stock at cost; the most was %(most)s.", now=held, most=highest))


@blueprint.get("/stock/<int:product_id>")
def stock_item(product_id: int) -> str:
    """One product: its lots, its movements, its channels, and a correction."""
    page = overview.stock_item(work(), product_id) or abort(404)
    return render_template(
        "console/stock_item.html",
        page=page,
        row=page.row,
        position=read.positions(work(), [product_id])[product_id],
        channels=read.channels(work(), product_id),
        listing_id=(listing := prices.listing_of(work(), product_id)),
        price=prices.price(work(), listing) if listing else None,
        key=uuid.uuid4().hex,
    )
