"""Removes telephone numbers and e-mail addresses before anything is stored (Algerian Law 18-07)."""

from __future__ import annotations

import re
from typing import Any

from pipelines.gone import Gone
from pipelines.offer import Offer
from pipelines.reject import Reject

MARK = "[…]"

_D = "[0-9٠-٩۰-۹]"
_ZERO = "[0٠۰]"
_MOBILE = "[5-7٥-٧۵-۷]"
_LAND = "[2-4٢-٤۲-۴]"
_GAP = r"[\s.\-/_()]{0,3}"
_INTERNATIONAL = rf"(?:\+|{_ZERO}{{2}})\s?[2٢۲][1١۱][3٣۳]{_GAP}{_ZERO}?{_GAP}"
_PHONE = re.compile(
    rf"(?<!{_D})(?<!{_D}[.,])(?:{_INTERNATIONAL}(?:{_MOBILE}(?:{_GAP}{_D}){{8}}|{_LAND}(?:{_GAP}{_D}){{7}})"
    rf"|[2٢۲][1١۱][3٣۳]{_GAP}{_MOBILE}(?:{_GAP}{_D}){{8}}"
    rf"|{_ZERO}[\s\-]?{_MOBILE}(?:{_GAP}{_D}){{8}}"
    rf"|{_ZERO}{_LAND}(?:{_GAP}{_D}){{7}})(?!{_D})"
)
_PHONE_IN_SLUG = re.compile(r"(?<![0-9])(?:(?:00)?213-?0?|0)(?:[5-7](?:-?[0-9]){8}|[2-4](?:-?[0-9]){7})(?![0-9])")
_EMAIL = re.compile(r"[\w.+\-]+\s?(?:@|\[at\]|\(at\))\s?[\w\-]+(?:\.[\w\-]+)+", re.IGNORECASE)
_EMAIL_IN_SLUG = re.compile(r"[\w.+\-]+(?:@|%40)[\w\-]+(?:\.[\w\-]+)+", re.IGNORECASE)
_PERSON = re.compile(r'("(?:displayName|firstName|lastName|phones?|email)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|\[[^\]]*\]?)')
# What PostgreSQL or XML cannot hold, and what turns the reading order of the text around it.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def scrub_text(text: str) -> str:
    """The text with every telephone number and e-mail address replaced by a mark, in Latin and Arabic digits."""
    text = _CONTROL.sub("", text)
    if "@" in text or "at]" in text or "at)" in text:
        text = _EMAIL.sub(MARK, text)
    return _PHONE.sub(MARK, text)


def scrub_url(url: str) -> str:
    """The address with contacts in its slug replaced; the id at its end, which finds the page, stays."""
    return _PHONE_IN_SLUG.sub("x", _EMAIL_IN_SLUG.sub("x", _CONTROL.sub("", url)))


def scrub_json(value: Any) -> Any:
    """The same of every text in a structure, names of persons in embedded JSON included."""
    if isinstance(value, str):
        return scrub_text(_PERSON.sub(r'\1""', value))
    if isinstance(value, dict):
        return {scrub_text(str(name)): _scrub_member(str(name), member) for name, member in value.items()}
    return [scrub_json(member) for member in value] if isinstance(value, list | tuple) else value


def _scrub_member(name: str, member: Any) -> Any:
    if name in ("displayName", "firstName", "lastName", "phone", "phones", "email"):
        return "" if isinstance(member, str) else None
    return scrub_url(member) if name in ("url", "image") and isinstance(member, str) else scrub_json(member)


class ScrubPipeline:
    """100: no personal data passes."""

    def process_item(self, item: Offer | Reject | Gone) -> Offer | Reject | Gone:
        """The same item, scrubbed in place."""
        if isinstance(item, Gone):
            item.url, item.reason = scrub_url(item.url), scrub_text(item.reason)
            return item
        if isinstance(item, Reject):
            item.raw = scrub_json(item.raw)
            item.url = scrub_url(item.url) if item.url else item.url
            item.reason = scrub_text(item.reason)
            return item
        item.title = scrub_text(item.title or "")
        item.url = scrub_url(item.url or "")
        item.category_path = [scrub_text(name) for name in item.category_path]
        item.brand = scrub_text(item.brand) if item.brand else item.brand
        item.seller_name = scrub_text(item.seller_name) if item.seller_name else item.seller_name
        if item.seller_kind == "private":
            item.seller_name = None
        if item.attributes:
            item.attributes = {scrub_text(name): scrub_text(text) for name, text in item.attributes.items()}
        return item
