"""What the app writes into its ledgers, in the language of the page. What people wrote stays as it is."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

from webapp.console.labels import label

PHRASES = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"approved", _l("approved")),
        (r"cancelled", _l("cancelled")),
        (r"cancelled by the supplier", _l("cancelled by the supplier")),
        (r"within budget, mode auto", _l("within the budget, automatic")),
        (r"handed over: a person orders it", _l("handed over: a person orders it")),
        (r"sent to the (?P<name>\S+) supplier", _l("sent to the supplier %(name)s")),
        (r"ordered by hand, reference (?P<name>.+)", _l("ordered by hand, reference %(name)s")),
        (r"confirmed as (?P<name>.+) at (?P<cost>[\d.]+) DA each", _l("confirmed as %(name)s at %(cost)s DA each")),
        (r"(?P<units>\d+) units received at (?P<cost>[\d.]+) DA each", _l("%(units)s received at %(cost)s DA each")),
        (r"purchase (?P<name>\d+)", _l("purchase %(name)s")),
        (r"cost and margin of purchase (?P<name>\d+)", _l("cost and margin of purchase %(name)s")),
        (r"gone, dearer, or no longer trending", _l("gone, dearer, or no longer trending")),
        (r"too old", _l("too old")),
        (r"handed over to a person: (?P<why>.+)", _l("handed over to a person: %(why)s")),
        (r"dearer than allowed: (?P<cost>[\d.]+) DA instead of (?P<most>[\d.]+) DA",
         _l("dearer than allowed: %(cost)s DA instead of %(most)s DA")),
        (r"sold out.*", _l("sold out")),
        (r"the offer is gone", _l("the offer is gone")),
        (r"not ordered", _l("not ordered")),
        (r"the seller refused", _l("the seller refused")),
        (r"the seller did not answer", _l("the seller did not answer")),
        (r"the seller agrees to (?P<cost>[\d.]+) DA each", _l("the seller agrees to %(cost)s DA each")),
        (r"the seller asks (?P<cost>[\d.]+) DA each, dearer than the (?P<most>[\d.]+) DA allowed",
         _l("the seller asks %(cost)s DA each, dearer than the %(most)s DA allowed")),
        (r"purchase (?P<name>\d+) paid on delivery", _l("purchase %(name)s paid on delivery")),
        (r"order (?P<name>\w+)", _l("order %(name)s")),
        (r"order (?P<name>\w+) came back", _l("order %(name)s came back")),
        (r"ordered through (?P<channel>\w+)", _l("ordered: %(channel)s")),
        (r"finished", _l("finished")),
        (r"shopper", _l("shopper")),
        (r"agent", _l("agent")),
    )
)  # fmt: skip


def said(text: str | None) -> str:
    """`text` in the language of the page if the agent is known to write it, else as it stands."""
    for pattern, phrase in PHRASES:
        if found := pattern.fullmatch(text or ""):
            named = found.groupdict()
            if "channel" in named:
                named["channel"] = label("channel", named["channel"])
            return str(phrase) % named
    return text or ""
