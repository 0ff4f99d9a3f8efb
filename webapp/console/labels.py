"""The words for states, modes, steps and refusals, in the language of the page."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from reseller.refusals import Refused
from webapp.i18n import money_text, percent

LABELS = {
    "page": {
        "today": _l("Today"),
        "trends": _l("Trends"),
        "proposals": _l("Proposals"),
        "purchases": _l("Purchases"),
        "stock": _l("Stock"),
        "orders": _l("Orders"),
        "prices": _l("Prices"),
        "ledger": _l("Ledger"),
        "crawls": _l("Crawls"),
        "settings": _l("Settings"),
    },
    "mode": {"dry-run": _l("Dry run"), "approve": _l("You approve"), "auto": _l("Automatic")},
    "mode_meaning": {
        "dry-run": _l("The agent proposes. Nothing is reserved and nothing is bought."),
        "approve": _l("The agent proposes, you approve, then it orders."),
        "auto": _l("The agent buys by itself, within the budgets below."),
    },
    "role": {"owner": _l("owner"), "staff": _l("staff")},
    "proposal": {
        "proposed": _l("Waiting"),
        "approved": _l("Approved"),
        "rejected": _l("Rejected"),
        "expired": _l("Expired"),
    },
    "purchase": {
        "proposed": _l("Proposed"),
        "approved": _l("Approved"),
        "ordering": _l("Being ordered"),
        "ordered": _l("Ordered"),
        "received": _l("Received"),
        "failed": _l("Failed"),
        "cancelled": _l("Cancelled"),
    },
    "purchases": {
        "waiting": _l("For you to do"),
        "open": _l("Under way"),
        "received": _l("Received"),
        "failed": _l("Failed"),
        "cancelled": _l("Cancelled"),
        "all": _l("All"),
    },
    "crawl": {"running": _l("Running"), "finished": _l("Finished"), "failed": _l("Failed"), "all": _l("All")},
    "field": {
        "price": _l("Price"),
        "old_price": _l("Former price"),
        "brand": _l("Brand"),
        "rating": _l("Rating"),
        "rating_count": _l("Ratings"),
        "availability": _l("Availability"),
        "stock_left": _l("Units left"),
        "seller_name": _l("Seller"),
        "seller_kind": _l("Kind of seller"),
        "shipped_from_abroad": _l("From abroad"),
        "express": _l("Express"),
        "views": _l("Views"),
        "likes": _l("Likes"),
        "position": _l("Position"),
        "sponsored": _l("Sponsored"),
        "category_path": _l("Category"),
        "image_urls": _l("Pictures"),
        "attributes": _l("Attributes"),
    },
    "movement": {
        "receipt": _l("Receipt"),
        "sale": _l("Sale"),
        "return": _l("Return"),
        "correction": _l("Correction"),
        "loss": _l("Loss"),
    },
    "listing": {"published": _l("In the shop"), "withdrawn": _l("Withdrawn")},
    "supplier": {
        "manual": _l("By hand"),
        "demo": _l("Demo market"),
        "jumia_browser": _l("Jumia, in the browser"),
        "ouedkniss_contact": _l("A letter to the seller"),
    },
    "reply": {
        "accepted": _l("The seller agrees"),
        "refused": _l("The seller refuses"),
        "no_answer": _l("No answer"),
    },
    "seller": {
        "official": _l("Official shop"),
        "shop": _l("Shop"),
        "private": _l("Private person"),
        "unknown": _l("Seller not stated"),
    },
    "availability": {
        "in_stock": _l("In stock"),
        "low_stock": _l("Few left"),
        "out_of_stock": _l("Sold out"),
        "unknown": _l("Stock not stated"),
    },
    "step": {
        "sale_price": _l("Sale price"),
        "purchase": _l("Purchase"),
        "import": _l("Import"),
        "delivery_in": _l("Delivery to us"),
        "delivery_out": _l("Our part of delivery"),
        "cash_handling": _l("Cash on delivery"),
        "confirmation": _l("Call and packing"),
        "returns": _l("Expected returns"),
        "profit": _l("Profit"),
    },
    "budget": {
        "reserve": _l("Reserved"),
        "release": _l("Released"),
        "sold": _l("Free again by a sale"),
        "returned": _l("Tied up again by a return"),
    },
    "setting": {
        "mode": _l("Mode"),
        "budget_per_day": _l("Budget per day"),
        "budget_total": _l("Budget in all"),
        "cap_per_product": _l("Cap per product"),
        "margin_floor": _l("Least margin"),
    },
    "verdict": {
        "taken": _l("Taken"),
        "margin": _l("Too little margin"),
        "slow": _l("Too slow for the money"),
        "others": _l("Others bring more"),
        "enough": _l("Purchases enough"),
        "budget": _l("No money left"),
        "cap_product": _l("Cap of the product"),
        "cap_category": _l("Cap of the category"),
        "cap_seller": _l("Cap of the seller"),
        "same_product": _l("Bought from a better listing"),
        "proposed": _l("Waits for a decision"),
        "under_way": _l("On its way already"),
        "rejected": _l("Rejected this week"),
        "failed": _l("Failed within a day"),
        "in_stock": _l("Enough in stock"),
        "wild_price": _l("A price that cannot be true"),
        "bad_seller": _l("A seller rated badly"),
        "turned": _l("Another product by now"),
    },
    "rule": {
        "competitors": _l("What others ask"),
        "cheapest": _l("Cheapest already"),
        "scarce": _l("Few left"),
        "shortage": _l("All others sold out"),
        "stand_alone": _l("Nobody else sells it"),
        "floor": _l("Least price"),
        "ceiling": _l("At the ceiling"),
        "markdown": _l("Old stock"),
        "undo": _l("Taken back"),
        "person": _l("Set by a person"),
    },
    "order": {
        "placed": _l("To confirm"),
        "confirmed": _l("To send"),
        "shipped": _l("On the way"),
        "coming_back": _l("Coming back"),
        "delivered": _l("Delivered"),
        "refused": _l("Refused"),
        "returned": _l("Returned"),
        "cancelled": _l("Cancelled"),
        "all": _l("All"),
    },
    "step_of_order": {
        "confirm": _l("The shopper has said yes"),
        "ship": _l("Handed to the carrier"),
        "deliver": _l("Delivered and paid"),
        "refuse": _l("Refused at the door"),
        "take_back": _l("Book in what came back"),
        "cancel": _l("Cancel the order"),
    },
    "order_cost": {
        "delivery_out": _l("Delivery to the shopper"),
        "delivery_back": _l("Way back"),
        "payment_fee": _l("Collecting the cash"),
        "marketplace_fee": _l("Fee of the marketplace"),
    },
    "channel": {
        "storefront": _l("Our shop"),
        "facebook": _l("Facebook and Instagram"),
        "google": _l("Google"),
        "jumia_vendor": _l("Jumia Vendor Center"),
        "ouedkniss": _l("Ouedkniss"),
    },
    "channel_state": {
        "waiting": _l("Waiting"),
        "live": _l("Live"),
        "withdrawn": _l("Withdrawn"),
        "failed": _l("Failed"),
    },
    "account_kind": {
        "asset": _l("What we have"),
        "liability": _l("What we owe"),
        "equity": _l("What the owner put in"),
        "income": _l("What comes in"),
        "expense": _l("What it costs"),
    },
    "entry": {
        "receipt": _l("Goods received"),
        "payment": _l("Supplier paid"),
        "prepayment": _l("Paid in advance"),
        "sale": _l("Goods sent"),
        "delivered": _l("Delivered"),
        "return": _l("Goods back"),
        "loss": _l("Loss"),
        "correction": _l("Stock corrected"),
        "revaluation": _l("Cost told later"),
        "delivery_out": _l("Delivery to the shopper"),
        "delivery_back": _l("Way back"),
        "payment_fee": _l("Collecting the cash"),
        "marketplace_fee": _l("Fee of the marketplace"),
        "remittance": _l("Cash from the carrier"),
        "capital": _l("The owner's money"),
    },
    "job": {
        "crawl": _l("Crawl"),
        "marts": _l("Marts"),
        "agent": _l("The agent"),
        "purchases": _l("Purchases"),
        "channels": _l("Channels"),
    },
    "job_meaning": {
        "crawl": _l("Visits the marketplaces and notes what changed."),
        "marts": _l("Works prices, trends and demand out of what was seen."),
        "agent": _l("Reprices, looks at offers, proposes, and buys what it may."),
        "purchases": _l("Orders what has waited and asks suppliers about what is out."),
        "channels": _l("Tells other shops our prices and stock, and fetches what was ordered there."),
    },
    "ignored": {
        "no_price": _l("no price"),
        "abroad": _l("from abroad"),
        "sold_out": _l("sold out"),
        "wild": _l("a wild price"),
        "turned": _l("another product by now"),
    },
    "considered_sort": {
        "return": _l("Profit a day"),
        "profit": _l("Profit"),
        "doubt": _l("Least doubt"),
        "price": _l("Price"),
    },
    "sort": {
        "rank": _l("Rank"),
        "price": _l("Price"),
        "change": _l("Price fall"),
        "confidence": _l("Confidence"),
    },
}
TONES = {
    "proposed": "blue",
    "approved": "blue",
    "ordering": "blue",
    "ordered": "blue",
    "running": "blue",
    "received": "green",
    "finished": "green",
    "delivered": "green",
    "live": "green",
    "placed": "blue",
    "confirmed": "blue",
    "shipped": "blue",
    "refused": "terracotta",
    "published": "green",
    "failed": "terracotta",
}
"""The colour of a state's badge; any other is plain. The word is always there too."""


def label(kind: str, value: str | None) -> str:
    """What a person calls `value`; the value itself where there is no word for it."""
    return str(LABELS[kind].get(value or "", value or ""))


def tone(state: str) -> str:
    """The badge tone of a state."""
    return TONES.get(state, "plain")


def refusal(refused: Refused) -> str:
    """Why the business refuses, and what to do about it."""
    return str(_wrong_value(refused) if refused.code == "bad_value" else _refusal(refused))


def _wrong_value(refused: Refused) -> Any:
    match refused.details.get("field"):
        case "reference":
            return _("Not changed: give the supplier's order number.")
        case "reason":
            return _("Not changed: say why, so that the ledger can be understood later.")
        case "unit_cost":
            return _("Not changed: a unit costs more than zero dinars.")
        case "margin_floor":
            return _("Not changed: the least margin is a percentage from 0 to below 100.")
        case "budget_per_day" | "budget_total" | "cap_per_product":
            return _("Not changed: a budget is an amount of dinars, zero or more.")
        case "reply":
            return _("Not changed: choose what the seller said.")
        case "language":
            return _("Not changed: the letter is in French or in Arabic.")
        case "why":
            return _("Not changed: say why, so that it can be understood later.")
        case "cost":
            return _("Not changed: a cost is an amount of dinars, zero or more.")
        case "units":
            return _(
                "Not changed: at least one unit comes back, no more than are away, and no more are lost than came."
            )
        case "amount":
            return _("Not booked: %(why)s", why=refused.message)
        case "price":
            return _("Not changed: give another price, above zero, and a reason.")
        case "number":
            return _("Not changed: %(text)s is not a number.", text=refused.details.get("text", ""))
        case "quantity":
            return _("Not changed: give a whole number of units other than zero, such as −2 or 3.")
    return _("Not changed: %(why)s", why=refused.message)


def _refusal(refused: Refused) -> Any:
    figures = refused.details
    match refused.code:
        case "dry_run":
            return _("Not bought: the agent is in dry run. An owner can change the mode in the settings.")
        case "stopped":
            return _("Not bought: the stop switch is on. An owner can release it, then try again.")
        case "approval_needed":
            return _("In this mode a person approves each purchase.")
        case "margin_floor":
            return _(
                "Not bought: the margin of %(margin)s is under the floor of %(floor)s. Reject it, or lower the floor.",
                margin=_share(figures.get("margin")),
                floor=_share(figures.get("floor")),
            )
        case "budget_day":
            return _("Not bought: the budget of the day would be exceeded. %(sum)s", sum=_sum(figures))
        case "budget_total":
            return _("Not bought: the budget in all would be exceeded. %(sum)s", sum=_sum(figures))
        case "cap_product":
            return _("Not bought: the cap for one product would be exceeded. %(sum)s", sum=_sum(figures))
        case "no_cash":
            return _(
                "Not bought: there is not enough cash. %(cash)s are free, this needs %(amount)s.",
                cash=_dinars(figures.get("cash")),
                amount=_dinars(figures.get("amount")),
            )
        case "sold_out":
            return _("Not done: it has just been sold out.")
        case "price_changed":
            return _("Not done: the price has changed meanwhile. Look at it again.")
        case "expired":
            return _("This proposal is too old, its price may have changed. Wait for the agent's next proposals.")
        case "not_open":
            return _("Somebody has already decided on this proposal.")
        case "not_cancellable":
            return _("The supplier may already have this order: it cannot be cancelled from here.")
        case "wrong_state":
            return _("This purchase has moved on meanwhile. Look at its trail, then try again.")
        case "stock_negative":
            return _("Not changed: the stock would fall below zero. %(held)s units are on hand.",
                     held=figures.get("on_hand", "?"))  # fmt: skip
        case "not_found":
            return _("There is no such thing any more.")
    return _("Not changed: %(why)s", why=refused.message)


def _sum(figures: dict[str, str]) -> Any:
    return _(
        "%(used)s of %(limit)s are reserved, this needs %(amount)s more. Wait, reject something, or raise the limit.",
        used=_dinars(figures.get("used")),
        limit=_dinars(figures.get("limit")),
        amount=_dinars(figures.get("amount")),
    )


def _dinars(text: str | None) -> str:
    try:
        return money_text(Decimal(text or ""))
    except InvalidOperation:
        return "?"


def _share(text: str | None) -> str:
    try:
        return percent(Decimal(text or "") * 100, signed=False, places=1).striptags()
    except InvalidOperation:
        return "?"
