"""What the agent writes into its ledgers, in the language of the page. What people wrote stays as it is."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

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
        (r"finished", _l("finished")),
    )
)


def said(text: str | None) -> str:
    """`text` in the language of the page if the agent is known to write it, else as it stands."""
    for pattern, phrase in PHRASES:
        if found := pattern.fullmatch(text or ""):
            return str(phrase) % found.groupdict()
    return text or ""
