"""The pages of the console. Each reads one model and renders it; what changes something is in `actions`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, render_template, request, url_for

from database.agent import PROPOSAL_STATES, PurchaseOrder
from reseller import control, money, overview, purchasing, seller_contact
from reseller.overview import candidates, ledger, orders
from reseller.overview import jobs as scheduled
from reseller.overview.trends import SORTS
from webapp import addresses
from webapp.console.blueprint import blueprint
from webapp.i18n import ALGIERS
from webapp.work import now, work

PURCHASE_TABS = ("waiting", "open", "received", "failed", "cancelled", "all")
CRAWL_TABS = ("all", "failed", "finished", "running")


def page_number() -> int:
    """`?page=`, 1 where it is no number."""
    return max(1, min(request.args.get("page", 1, type=int), 1_000_000))


def words() -> str:
    """`?q=`, cut to what a person types."""
    return request.args.get("q", "").strip()[:100]


def chosen(name: str, choices: tuple[str, ...]) -> str:
    """A query parameter that is one of `choices`; the first of them otherwise."""
    value = request.args.get(name, "")
    return value if value in choices else choices[0]


def same_page(**changes: Any) -> str:
    """This page's address with some parameters changed; None takes one away."""
    values = {**addresses.query(), **(request.view_args or {}), **changes}
    return url_for(request.endpoint or "console.today", **{k: v for k, v in values.items() if v not in (None, "")})


blueprint.add_app_template_global(same_page, "same_page")


@blueprint.get("/")
def today() -> str:
    """What needs a person, then the money."""
    counts = orders.counts(work())
    days = ledger.over_time(work(), now())
    return render_template(
        "console/today.html",
        today=overview.today(work(), now()),
        calls=orders.orders(work(), "placed", size=5),
        parcels=counts.get("confirmed", 0),
        coming_back=counts["coming_back"],
        days=days,
        profit=ledger.profit_since(work(), _first_of_month()),
    )


def _first_of_month() -> datetime:
    """The first instant of this month in Algiers."""
    return now().astimezone(ALGIERS).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@blueprint.get("/trends")
def trends() -> str:
    """What starts to sell."""
    department, sort = request.args.get("department") or None, chosen("sort", SORTS)
    rows = overview.trends(work(), query=words(), department=department, sort=sort, page=page_number())
    return render_template(
        "console/trends.html",
        rows=rows,
        departments=overview.trend_departments(work()),
        department=department,
        sort=sort,
        sorts=SORTS,
        query=words(),
    )


@blueprint.get("/proposals")
def proposals() -> str:
    """What the agent would buy."""
    state = chosen("state", PROPOSAL_STATES)
    rows = overview.proposals(work(), state, query=words(), page=page_number())
    budget = money.budget(work(), now())
    return render_template(
        "console/proposals.html", rows=rows, state=state, tabs_of=PROPOSAL_STATES, query=words(), budget=budget
    )


@blueprint.get("/proposals/<int:proposal_id>")
def proposal(proposal_id: int) -> str:
    """One proposal: the product and its prices, the arithmetic, the decision."""
    page = overview.proposal(work(), proposal_id) or abort(404)
    row = page.row
    basis = candidates.of_proposal(work(), proposal_id)
    floor = control.get(work()).margin_floor
    return render_template(
        "console/proposal.html",
        page=page,
        row=row,
        basis=basis,
        room=row.expected_profit - floor * row.sale_price,
        floor=floor,
        budget=money.budget(work(), now()),
    )


@blueprint.get("/purchases")
def purchases() -> str:
    """Orders to suppliers."""
    counts = overview.waiting(work())
    first = PURCHASE_TABS if counts["purchases"] else PURCHASE_TABS[1:] + PURCHASE_TABS[:1]
    state = chosen("state", first)
    rows = overview.purchases(work(), None if state == "all" else state, page=page_number())
    return render_template("console/purchases.html", rows=rows, state=state, tabs_of=PURCHASE_TABS)


@blueprint.get("/purchases/<int:purchase_id>")
def purchase(purchase_id: int) -> str:
    """One order with its trail and what may be done now."""
    page = overview.purchase(work(), purchase_id) or abort(404)
    order = work().get_one(PurchaseOrder, purchase_id)
    letters = seller_contact.contacts(work(), purchase_id)
    steps = purchasing.steps_of_a_person(order)
    return render_template("console/purchase.html", page=page, row=page.row, order=order, steps=steps, letters=letters)


@blueprint.get("/crawls")
def crawls() -> str:
    """How the crawls ended."""
    state = chosen("state", CRAWL_TABS)
    rows = overview.crawls(work(), state=None if state == "all" else state, page=page_number())
    return render_template("console/crawls.html", rows=rows, state=state, tabs_of=CRAWL_TABS)


@blueprint.get("/jobs")
def jobs() -> str:
    """The scheduler's jobs, the marts and each spider's last crawl: whether what everything rests on is fresh."""
    return render_template("console/jobs.html", jobs=scheduled.jobs(work(), now()), health=overview.health(work()))


@blueprint.get("/crawls/<int:crawl_id>")
def crawl(crawl_id: int) -> str:
    """One crawl, and what it could not use."""
    page = overview.crawl(work(), crawl_id) or abort(404)
    reason = request.args.get("reason") or None
    rows = overview.rejected(work(), crawl_id, reason=reason, page=page_number())
    return render_template("console/crawl.html", page=page, row=page.row, rejected=rows, reason=reason)


@blueprint.get("/settings")
def settings() -> str:
    """Mode, budgets, and the stop switch."""
    return render_template("console/settings.html", **settings_page(), errors={}, typed={})


def settings_page() -> dict[str, Any]:
    """What the page of settings shows besides the settings themselves."""
    return {"budget": money.budget(work(), now()), "fullest": overview.most_tied_up(work())}
