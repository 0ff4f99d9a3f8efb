"""Languages of the pages, and how each writes money, numbers and dates.

Message ids are English. A page's language is `?lang=` (kept in a cookie), then the cookie, then the browser's wish,
then SHOP_LANGUAGE. Algerians write Western digits in Arabic too.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, get_args
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from flask import Flask, Response, g, has_request_context, request, url_for
from markupsafe import Markup

from config import Language, settings
from webapp import addresses, work
from webapp.messages import CATALOGUES, compile_catalogues

LANGUAGES: dict[str, str] = {"fr": "Français", "ar": "العربية", "en": "English"}
ALGIERS = ZoneInfo("Africa/Algiers")
COOKIE = "lang"
NARROW = "\u202f"
MINUS = "\u2212"
CURRENCIES = {
    "DZD": {"fr": "DA", "ar": "دج", "en": "DA"},
    "MAD": {"fr": "Dh", "ar": "درهم", "en": "Dh"},
    "XOF": {"fr": "FCFA", "ar": "فرنك", "en": "FCFA"},
}
"""How a currency is written beside an amount; others by their ISO 4217 code."""


def language() -> str:
    """The language of this request: fr, ar or en."""
    if not has_request_context():
        return settings().shop_language
    if "language" not in g:
        g.language = _chosen() or _wished() or settings().shop_language
    chosen: str = g.language
    return chosen


def _chosen() -> str | None:
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return wish
    return None


def _wished() -> str | None:
    """The first of the browser's languages that we speak, whatever its country: `ar-DZ` is `ar`."""
    spoken = (wish.split("-")[0].lower() for wish in request.accept_languages.values())
    return next((code for code in spoken if code in LANGUAGES), None)


def direction() -> str:
    """`rtl` for Arabic, else `ltr`."""
    return "rtl" if language() == "ar" else "ltr"


def locale() -> Locale:
    """Babel's locale of this request; months in Arabic are those of Algeria (جانفي, فيفري)."""
    return Locale.parse({"fr": "fr", "ar": "ar_DZ", "en": "en_GB"}[language()])


def number(value: Decimal | int | float, places: int = 0) -> str:
    """`12 500` (French, Arabic), `12,500` (English); `places` digits after the point."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{exact:,f}"
    if language() == "en":
        return text.replace("-", MINUS)
    return text.replace(",", NARROW).replace(".", ",").replace("-", MINUS)


def money(amount: Decimal | int, currency: str | None = "DZD") -> Markup:
    """`12 500 DA`, in whole units, isolated so that it reads the same inside Arabic text."""
    symbol = CURRENCIES.get(currency or "", {}).get(language(), currency or "")
    return Markup('<bdi class="money">{}{}{}</bdi>').format(number(amount), NARROW, symbol)


def money_text(amount: Decimal | int, currency: str | None = "DZD") -> str:
    """The same without markup, for charts, titles and attributes."""
    symbol = CURRENCIES.get(currency or "", {}).get(language(), currency or "")
    return f"{number(amount)}{NARROW}{symbol}"


def percent(value: Decimal | int | float, *, signed: bool = True, places: int = 0) -> Markup:
    """`−18 %` for -18: `value` is in hundredths. Left to right even in Arabic."""
    sign = "+" if signed and value > 0 else ""
    space = "" if language() == "en" else NARROW
    return Markup('<bdi dir="ltr">{}{}{}%</bdi>').format(sign, number(value, places), space)


def isolate(text: str) -> Markup:
    """A sentence with numbers in it, its signed percentages kept left to right inside Arabic."""
    parts = re.split(rf"([+{MINUS}-]\s?\d[\d.,\s{NARROW}\u00a0]*%)", text)
    pieces = [Markup('<bdi dir="ltr">{}</bdi>').format(part) if at % 2 else Markup("{}").format(part)
              for at, part in enumerate(parts)]  # fmt: skip
    return Markup("").join(pieces)


def day(value: date | datetime, form: str = "medium") -> str:
    """`3 mai 2026`, `3 ماي 2026`, in Algiers."""
    if isinstance(value, datetime):
        value = value.astimezone(ALGIERS).date()
    return str(format_date(value, _spelled(form), locale=locale()))


def _spelled(form: str) -> str:
    """Arabic's medium date is numbers only, with the year first: the long one reads as people speak."""
    return "long" if form == "medium" and language() == "ar" else form


def moment(value: datetime, form: str = "medium") -> str:
    """Date and time of day, in Algiers."""
    return str(format_datetime(value, _spelled(form), tzinfo=ALGIERS, locale=locale()))


def ago(value: datetime, now: datetime | None = None, *, in_sentence: bool = False) -> Markup:
    """A `<time>`: relative within 30 days, else the date (`on` the date in a sentence); the moment in its title."""
    elapsed = value - (now or work.now())
    text = flask_babel.gettext("on %(date)s", date=day(value)) if in_sentence else day(value)
    if abs(elapsed.total_seconds()) < 30 * 86_400:
        text = format_timedelta(elapsed, add_direction=True, locale=locale())
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), moment(value), text)


def language_links() -> list[tuple[str, str, str]]:
    """Code, own name and address of this same page in each language."""
    if request.endpoint is None:
        return [(code, name, f"/?lang={code}") for code, name in LANGUAGES.items()]
    values: dict[str, Any] = addresses.query(without="lang") | (request.view_args or {})
    return [
        (code, name, url_for(request.endpoint, **values, lang=code) if request.method == "GET" else f"/?lang={code}")
        for code, name in LANGUAGES.items()
    ]


def init_app(app: Flask) -> None:
    assert set(LANGUAGES) == set(get_args(Language))
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(folder) for folder in CATALOGUES if folder.is_dir())
    flask_babel.Babel(app, locale_selector=language, default_timezone="Africa/Algiers")
    for filter_ in (number, money, money_text, percent, isolate, day, moment, ago):
        app.add_template_filter(filter_)
    app.context_processor(lambda: {"language": language(), "direction": direction(), "language_links": language_links})

    @app.after_request
    def _remember(response: Response) -> Response:
        response.vary.update(("Cookie", "Accept-Language"))
        if (wish := request.args.get("lang")) in LANGUAGES and wish != request.cookies.get(COOKIE):
            response.set_cookie(
                COOKIE, str(wish), max_age=31_536_000, samesite="Lax", httponly=True, secure=settings().web_https
            )
        return response
