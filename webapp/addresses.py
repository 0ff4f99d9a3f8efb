"""The address of the page in hand, taken apart so that links to it can be made anew; and addresses from elsewhere."""

from __future__ import annotations

from flask import request

MEANT_FOR_URL_FOR = frozenset({"endpoint", "_anchor", "_external", "_method", "_scheme"})
"""What `url_for` takes for its own: a visitor who types `?_scheme=javascript` must not reach it."""
NOT_OURS = "#"
"""Where a link leads whose address is no web address."""


def query(*, without: str | None = None) -> dict[str, list[str]]:
    """The query of this request as `url_for` may have it, less the parameter `without`."""
    given = request.args.to_dict(flat=False)
    return {name: values for name, values in given.items() if name not in MEANT_FOR_URL_FOR and name != without}


def outside(address: str | None) -> str:
    """`address` if it is one of the web; marketplaces may write `javascript:` where an address is expected."""
    return address if address and address.lower().startswith(("https://", "http://")) else NOT_OURS
