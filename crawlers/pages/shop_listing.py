"""A listing of any shop: the addresses of its products, and of its next page."""

from __future__ import annotations

from collections.abc import Callable

from crawlers.pages.errors import LayoutChanged
from crawlers.pages.page import Found, Page, refuse_challenge, refuse_non_html, refuse_truncated
from crawlers.pages.schema_org_sources import Document, readable

_NEXT = (
    "//link[@rel='next']/@href"
    " | //a[contains(concat(' ', @rel, ' '), ' next ')]/@href"
    " | //a[contains(concat(' ', @class, ' '), ' next ')]/@href"
    " | //*[contains(concat(' ', @class, ' '), ' next ')]/a/@href"
)


def parse(page: Page, is_product: Callable[[str], bool]) -> Found:
    """The products that a listing leads to, in its order, without their fragments and each once.

    Raises:
        LayoutChanged: it leads to none.
        PageError: the page cannot be used; its subclass says why.
    """
    page = readable(page)
    refuse_challenge(page)
    refuse_non_html(page)
    tree = Document(page).tree
    addresses = dict.fromkeys(page.absolute(link) for link in tree.xpath("//a/@href") if _is_address(link))
    products = [address for address in addresses if is_product(address)]
    if not products:
        refuse_truncated(page)
        raise LayoutChanged(f"none of the {len(addresses)} links leads to a product")
    following = next((page.absolute(link) for link in tree.xpath(_NEXT) if _is_address(link)), None)
    return Found(more=products, next_url=following if following != page.url else None)


def _is_address(link: str) -> bool:
    return not link.strip().lower().startswith(("#", "javascript:", "mailto:", "tel:", "data:")) and "[" not in link
