"""The console's blueprint and what its templates may use."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, g, request
from markupsafe import Markup

from reseller import control, overview
from webapp import accounts
from webapp.console import drawing, labels, phrases
from webapp.i18n import CURRENCIES, NARROW, language, number
from webapp.pages import asset
from webapp.security import IMAGE_POLICY
from webapp.work import now, work

blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")

PAGES = (
    ("today", "home"),
    ("proposals", "list"),
    ("purchases", "cart"),
    ("orders", "truck"),
    ("stock", "box"),
    ("prices", "tag"),
    ("ledger", "cash"),
    ("trends", "trend"),
    ("crawls", "spider"),
    ("settings", "gear"),
)
"""The rail: endpoint and icon, in order."""
ON_A_PHONE = 4
"""How many of them fit beside "More" at the foot of a phone."""


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    given: dict[str, Any] = {
        "label": labels.label,
        "tone": labels.tone,
        "drawing": drawing,
        "account": g.get("account"),
        "now": now(),
    }
    if given["account"] is None:
        return given
    return given | {
        "rail": PAGES,
        "on_a_phone": ON_A_PHONE,
        "here": _section(),
        "waiting": overview.waiting(work()),
        "control": control.get(work()),
        "csrf_token": accounts.form_token(),
    }


def _section() -> str:
    """The rail's entry that this page belongs to."""
    name = (request.endpoint or "").rpartition(".")[2]
    return SECTIONS.get(name, name)


SECTIONS = {
    "proposal": "proposals",
    "considered": "proposals",
    "candidate": "proposals",
    "test_mode": "proposals",
    "purchase": "purchases",
    "seller_letter": "purchases",
    "order": "orders",
    "price": "prices",
    "entry": "ledger",
    "account": "ledger",
    "profits": "ledger",
    "jobs": "crawls",
    "stock_item": "stock",
    "crawl": "crawls",
    "change_settings": "settings",
}


@blueprint.app_template_global()
def stylesheets(*names: str) -> Markup:
    """Links to the console's stylesheets of these names: each page loads what it needs."""
    link = Markup('<link rel="stylesheet" href="{}">')
    return Markup("").join(link.format(asset(f"console/{name}.css")) for name in names)


def picture_answer(svg: str) -> Response:
    """A chart answered on its own: it may style itself and load nothing."""
    answer = Response(svg, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = IMAGE_POLICY
    return answer


@blueprint.app_template_filter("took")
def _took(span: timedelta) -> str:
    """A duration as `0.4 s` (`0,4 ث`), `3:07` or `1:02:45`."""
    if span < timedelta(seconds=10):
        return f"{number(span.total_seconds(), 1)} {'ث' if language() == 'ar' else 's'}"
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@blueprint.app_template_filter("pretty")
def _pretty(value: object) -> str:
    """JSON, indented, with its letters as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


blueprint.add_app_template_filter(phrases.said, "said")


@blueprint.app_template_filter("balance")
def _balance(amount: Decimal, currency: str = "DZD") -> Markup:
    """An amount that may be negative: its sign stays left of its digits in Arabic too."""
    sign = CURRENCIES[currency][language()]
    return Markup('<bdi class="money"><bdi dir="ltr">{}</bdi>{}{}</bdi>').format(number(amount), NARROW, sign)


@blueprint.app_template_filter("cents")
def _cents(amount: Decimal) -> Markup:
    """An amount to the centime, as the books have it: `12 500,00 DA`."""
    return Markup('<bdi class="money"><bdi dir="ltr">{}</bdi>{}{}</bdi>').format(
        number(amount, 2), NARROW, CURRENCIES["DZD"][language()]
    )
