"""The ledger: accounts, entries, what each product earned, and money over time."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from flask import Response, abort, flash, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from reseller import journal
from reseller.overview import ledger as read
from reseller.overview.ledger import MoneyDay, Wanted
from reseller.refusals import Refused
from webapp.charts import lines
from webapp.charts.lines import Line
from webapp.console import forms
from webapp.console.access import owner_only
from webapp.console.blueprint import blueprint, picture_answer
from webapp.console.views import page_number
from webapp.i18n import language, money_text
from webapp.security import MOST_ID
from webapp.work import now, work


@blueprint.get("/ledger")
def ledger() -> str:
    """What every account holds, that the books balance, and the entries."""
    balances = read.accounts(work())
    wanted = _wanted({row.account.key for row in balances})
    days = read.over_time(work(), now())
    return render_template(
        "console/ledger.html",
        balances=balances,
        agreement=read.agreement(work()),
        wanted=wanted,
        rows=read.entries(work(), wanted, page=page_number()),
        profits=read.profits(work()),
        days=days,
        summary=_summary(days),
        key=uuid.uuid4().hex,
        with_carrier=next((row.amount for row in balances if row.account.key == "carrier"), Decimal(0)),
    )


def _wanted(known: set[str]) -> Wanted:
    account = request.args.get("account")
    return Wanted(
        account=account if account in known else None,
        product_id=_id("product"),
        order_id=_id("order"),
        purchase_id=_id("purchase"),
        first=_day("from"),
        last=_day("to"),
    )


def _id(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number <= MOST_ID else None


def _day(name: str) -> date | None:
    """A day as a date field sends it; None where it is no day of our time."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None


@blueprint.get("/ledger/profits")
def profits() -> str:
    """What each product earned, and what took it away."""
    rows = read.profits(work())
    return render_template("console/profits.html", rows=rows, total=sum((row.profit for row in rows), Decimal(0)))


@blueprint.get("/ledger/chart.svg")
def money_chart() -> Response:
    """Cash, stock and profit over time as a picture."""
    days = read.over_time(work(), now())
    if not days:
        abort(404)
    drawn = [
        Line(_("cash"), "blue", tuple((one.day, one.cash) for one in days)),
        Line(_("stock"), "terracotta", tuple((one.day, one.stock) for one in days)),
        Line(_("profit so far"), "green", tuple((one.day, one.profit) for one in days)),
    ]
    narrow = request.args.get("size") == "narrow"
    title = _("Cash, stock and profit")
    return picture_answer(lines.over_time(drawn, title, _summary(days), language(), narrow=narrow))


def _summary(days: list[MoneyDay]) -> str:
    if not days:
        return ""
    last = days[-1]
    amounts = {"cash": money_text(last.cash), "stock": money_text(last.stock), "profit": money_text(last.profit)}
    return str(_("%(cash)s in cash, %(stock)s in stock at cost, %(profit)s profit so far.", **amounts))


@blueprint.post("/ledger/capital")
@owner_only
def capital() -> AnyResponse:
    """Money that the owner puts in, or takes out."""
    amount = _given("amount")
    signed = -amount if request.form.get("direction") == "out" else amount
    made = journal.capital(
        work(), signed, key=f"capital:{_key()}", who=g.account.email, why=_why(_("the owner's money")), now=now()
    )
    work().commit()
    flash(_("Booked: entry %(number)s.", number=made.id if made else "—"), "success")
    return forms.back(url_for("console.ledger"))


@blueprint.post("/ledger/handed-over")
def handed_over() -> AnyResponse:
    """Cash that the carrier has collected and hands over."""
    made = journal.handed_over(
        work(), _given("amount"), key=f"remittance:{_key()}", who=g.account.email,
        why=_why(_("the carrier hands over cash")), now=now(),
    )  # fmt: skip
    work().commit()
    flash(_("Booked: entry %(number)s.", number=made.id if made else "—"), "success")
    return forms.back(url_for("console.ledger"))


def _given(name: str) -> Decimal:
    amount = forms.amount(name)
    if amount is None or amount <= 0:
        raise Refused("bad_value", "An amount above zero is needed.", field="amount")
    return amount


def _key() -> str:
    return forms.key() or uuid.uuid4().hex


def _why(otherwise: str) -> str:
    return forms.reason() or otherwise
