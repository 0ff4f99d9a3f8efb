"""Removes telephone numbers, e-mail addresses and handles before anything is stored (Algerian Law 18-07)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from pipelines.gone import Gone
from pipelines.handles import Span, apart, handles
from pipelines.markup import shown
from pipelines.offer import Offer
from pipelines.phones import phones
from pipelines.reject import Reject
from pipelines.telling_names import telling

MARK = "[…]"

# What PostgreSQL or XML cannot hold, and what turns the reading order of the text around it.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_GAP = r"(?:[^\w/=&?]|_){0,4}"
_MAY_BE_IN_A_SLUG = re.compile(
    rf"0(?:{_GAP}[2-9](?:{_GAP}[0-9]){{7}}|[5-7](?:{_GAP}[0-9]){{2,6}}{_GAP}[a-zA-Z]{{2,9}}{_GAP}[0-9])"
)
_ID_AT_THE_END = re.compile(r"[-/]d?(?P<id>[0-9]{5,})(?:\.html?)?/?(?:[?#].*)?$")
_EMAIL_IN_SLUG = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", re.IGNORECASE)
_PRIVATE = (
    "displayName|firstName|lastName|fullName|userName|username|phoneNumbers?|phones?|mobile|telephone|tel|gsm|fax"
    "|whatsapp|viber|telegram|emails?|contacts?|avatarUrl|user"
)
_PRIVATE_NAMES = frozenset(name for each in _PRIVATE.replace("s?", "").split("|") for name in (each, f"{each}s"))
_PERSON = re.compile(
    rf'(\\*"(?:{_PRIVATE})\\*"\s*:\s*)(?:\\*"(?:[^"\\]|\\[^"])*(?:\\*")?|\[[^\]]*\]?|\{{[^{{}}]*\}}?|[0-9]+)'
)


def scrub_text(text: str) -> str:
    """The text with every telephone number, e-mail address, messenger link and handle replaced by a mark."""
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    numbers, names = phones(text), handles(text)
    if "&" in text or "%" in text or "<" in text:
        names += _behind_markup(text)
    return _without(text, apart(numbers + names), MARK) if numbers or names else text


def _behind_markup(text: str) -> list[Span]:
    """Contacts that a reader sees and the text writes with entities, percent signs or tags in between."""
    seen = shown(text)
    if seen is None:
        return []
    plain, places = seen
    return [(places[start], places[end]) for start, end in phones(plain) + handles(plain)]


def _without(text: str, spans: list[tuple[int, int]], mark: str) -> str:
    kept, at = [], 0
    for start, end in spans:
        kept += [text[at:start], mark]
        at = end
    return "".join([*kept, text[at:]])


def scrub_url(url: str) -> str:
    """The address with contacts in it replaced by an x; the id at its end, which finds the page, stays."""
    if not url.isprintable():
        url = _CONTROL.sub("", url)
    if "%" in url:
        plain = unquote(url)
        scrubbed = _scrub_plain_url(plain.translate(_LATIN))
        return url if scrubbed == plain.translate(_LATIN) else quote(scrubbed, safe="/:?#[]@!$&'()*+,;=-._~")
    return _scrub_plain_url(url if url.isascii() else url.translate(_LATIN))


_LATIN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９＠", "012345678901234567890123456789@")


def _scrub_plain_url(url: str) -> str:
    if "@" in url:
        url = _EMAIL_IN_SLUG.sub("x", url)
    if "213" not in url and "+" not in url and url.isascii() and not _MAY_BE_IN_A_SLUG.search(url):
        return url
    found = _ID_AT_THE_END.search(url)
    end = len(url) if found is None or phones(found["id"]) else found.start()
    # The parts of a path have nothing to do with each other.
    return _without(url[:end], phones(url[:end].replace("/", "=")), "x") + url[end:]


def scrub_json(value: Any) -> Any:
    """The same of every text in a structure, and nothing of what an API says of a person."""
    if isinstance(value, str):
        return _scrub_any(value)
    if isinstance(value, dict):
        return {scrub_text(str(name)): _scrub_member(str(name), member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [scrub_json(member) for member in value]
    return MARK if _is_number_of_a_phone(value) else value


def _is_number_of_a_phone(value: Any) -> bool:
    return type(value) is int and 10**8 <= value < 10**15 and bool(phones(str(value)))


def _scrub_any(text: str) -> str:
    if text.startswith(("http://", "https://", "/")) and " " not in text:
        return scrub_url(text)
    return scrub_text(_PERSON.sub(r'\1""', text) if '"' in text else text)


def _scrub_member(name: str, member: Any) -> Any:
    told = telling(name)
    if name in _PRIVATE_NAMES or told == "contact":
        return "" if isinstance(member, str) else None
    if told == "phone" and isinstance(member, str):
        return _scrub_announced(member)
    return None if told == "phone" and type(member) is int and member >= 10**7 else scrub_json(member)


def _scrub_announced(text: str) -> str:
    """A text whose name announces a number: also one without its first nought is found."""
    word = "tel: "
    return scrub_text(word + text)[len(word) :]


def scrub_body(body: bytes) -> bytes:
    """A page or an answer that is kept for a person to look at, without contacts and persons' names."""
    text = body.decode("utf-8", "replace")
    return scrub_text(_PERSON.sub(r'\1""', text)).encode()


@lru_cache(16_384)
def _scrub_name(name: str) -> str:
    """Of what recurs from offer to offer: categories, brands, sellers, names of attributes."""
    return scrub_text(name)


class ScrubPipeline:
    """100: no personal data passes."""

    def process_item(self, item: Offer | Reject | Gone) -> Offer | Reject | Gone:
        """The same item, scrubbed in place; a reject for an offer whose very id is an e-mail address."""
        if isinstance(item, Offer):
            return _scrub_offer(item)
        if isinstance(item, Reject):
            item.raw = scrub_json(item.raw)
        elif item.external_id:
            item.external_id = _scrub_id(item.external_id)
        item.url = scrub_url(item.url) if item.url else item.url
        item.reason = scrub_text(item.reason)
        return item


def _scrub_id(text: str) -> str:
    return text if text.isprintable() else _CONTROL.sub("", text)


def _scrub_offer(item: Offer) -> Offer | Reject:
    number = item.external_id
    if number and ("@" in number or not number.isprintable()):
        item.external_id = _scrub_id(number)
        if handles(item.external_id):
            return Reject(url=scrub_url(item.url or ""), reason="offer/external_id/contact", raw={})
    item.title = scrub_text(item.title or "")
    item.url = scrub_url(item.url or "")
    item.category_path = [_scrub_name(name) for name in item.category_path]
    if item.brand:
        item.brand = _scrub_name(item.brand)
    if item.seller_kind == "private":
        item.seller_name = None
    elif item.seller_name:
        item.seller_name = _scrub_name(item.seller_name)
    if item.image_urls:
        item.image_urls = [url for url in item.image_urls if scrub_url(url) == url]
    if item.attributes:
        item.attributes = {
            _scrub_name(name): _scrub_value(text) if told is None else _scrub_announced(text)
            for name, text in item.attributes.items()
            if (told := telling(name)) != "contact"
        }
    return item


def _scrub_value(text: str) -> str:
    return _scrub_name(text) if len(text) <= 40 else _scrub_any(text)
