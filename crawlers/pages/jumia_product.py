"""A Jumia product page: embedded JSON, then LD+JSON, then the page itself."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from parsel import Selector

from crawlers.pages import jumia_cards, jumia_linked, jumia_products, jumia_state, jumia_stock
from crawlers.pages.encoding import text_of
from crawlers.pages.errors import LayoutChanged
from crawlers.pages.jumia_products import UNREADABLE, category_path, plain
from crawlers.pages.page import Found, Page, refuse_truncated
from crawlers.pages.prices import PriceText, parse_count, parse_rating
from pipelines.offer import Availability, Offer, PriceKind

_SELLER_TITLES = ("seller information", "informations sur le vendeur", "vendeur")
_BRAND_LABELS = ("brand:", "brand :", "marque:", "marque :", "العلامة التجارية", "الماركة")
_UNRATED = re.compile(r"\bno (?:verified )?ratings?\b|\bpas d['’]avis\b|لا توجد تقييمات", re.IGNORECASE)
_PRICES = ("span.-b.-tal.-fs24", "span.-b.-fs24", "[data-price=true]", "span.-b.-ltr.-tal")
_OLD_PRICES = ("span.-lthr.-fs16", "[data-price-old=true]", "span.-lthr")
_MAIN = "section.col12"
_BUY_FORM = "#add-to-cart, [data-add-cart=pdpMain], [data-sku]"
_DESCRIPTION_LENGTH = 2000


def parse(page: Page, state: jumia_state.State | None) -> Found:
    """The one offer of a product page; related products are none of it.

    Raises:
        LayoutChanged: no source names SKU, title and price.
        PageTruncated: the page ends early and the embedded JSON is not there to carry it.
        WrongShop: its price is in another shop's currency.
    """
    product = _product(state)
    if product is None:
        refuse_truncated(page)
    document = Selector(text=text_of(page.body))
    linked = jumia_linked.product(document)
    try:
        offer = (
            jumia_products.offer(product, page, page.origin, None)
            if product
            else _from_document(document, linked, page)
        )
    except UNREADABLE as error:
        raise LayoutChanged(f"the product cannot be read: {type(error).__name__}: {error}") from error
    _complete(offer, document, linked, page)
    return Found(offers=[offer])


def _product(state: jumia_state.State | None) -> jumia_state.State | None:
    """The page's own product: the one of the SKU that the state names, or the only one."""
    if not state:
        return None
    view = state.get("viewData")
    view = view if isinstance(view, dict) else {}
    sku = state.get("sku") or view.get("sku")
    told = [*jumia_state.products(state), view.get("product"), state.get("product")]
    candidates = [product for product in told if isinstance(product, dict) and product.get("prices")]
    named = [product for product in candidates if sku and product.get("sku") == sku]
    return named[0] if named else candidates[0] if len(candidates) == 1 and not sku else None


def _specifications(document: Selector) -> dict[str, str]:
    lines = [" ".join(item.xpath(".//text()").getall()) for item in document.css("ul.-pvs.-mvxs.-phm.-lsn li")]
    pairs = [line.split(":", 1) for line in lines if ":" in line]
    return {plain(name): plain(value) for name, value in pairs if value.strip()}


def _from_document(document: Selector, linked: jumia_linked.Node, page: Page) -> Offer:
    if jumia_linked.currency(linked) not in (None, page.currency):
        raise ValueError(f"priced in {jumia_linked.currency(linked)}")
    price, kind = _price(document, linked, page)
    old = _money(document, _OLD_PRICES, page)
    rating, count = _rating(document, linked)
    availability, left = _availability(document, linked)
    return Offer(
        marketplace="jumia",
        country=page.country,
        external_id=_sku(document, linked, page),
        url=_address(document, page),
        title=_text(document, "h1.-fs20") or _text(document, "h1") or plain(str(linked.get("name") or "")),
        observed_at=page.observed_at,
        brand=jumia_linked.brand(linked) or _brand(document),
        category_path=_categories(document),
        price=price,
        currency=page.currency,
        old_price=old.low if old else None,
        price_kind=kind,
        rating=rating,
        rating_count=count,
        availability=availability,
        stock_left=left,
        seller_kind="official" if document.css("a.bdg._mall") else "shop",
        shipped_from_abroad=bool(document.css(_MAIN)[:1].css("._glb")),
    )


def _price(document: Selector, linked: jumia_linked.Node, page: Page) -> tuple[Decimal, PriceKind]:
    """What is shown and what LD+JSON says, which have to be the same but for rounding; of a range the lower bound."""
    shown = _money(document, _PRICES, page)
    try:
        told = jumia_linked.price(linked)
    except ValueError:
        told = None
    if shown is None:
        if told is None:
            raise ValueError("no price")
        return told, "fixed"
    if told is not None and abs(told - shown.low) >= 1:
        if not shown.is_range or told < shown.low:
            raise ValueError(f"the price {told} is shown as {shown.low}")
        told = shown.low
    return told or shown.low, "from" if shown.is_range else "fixed"


def _rating(document: Selector, linked: jumia_linked.Node) -> tuple[Decimal | None, int | None]:
    """Mean and count; a count of 0 where the page says that nobody has rated."""
    mean, count = jumia_linked.rating(linked)
    count = count or parse_count(_text(document, "a.-plxs._more"))
    mean = mean or parse_rating(_text(document, ".stars._m._al"))
    if count is None and _UNRATED.search(_text(document, _MAIN)):
        return None, 0
    return mean if count != 0 else None, count


def _address(document: Selector, page: Page) -> str:
    """The canonical address, the one that answered, or the one that a login leads back to."""
    login = urlsplit(document.css('[href*="/login/?"][href*="return="]::attr(href)').get() or "")
    back = parse_qs(login.query).get("return", [""])[0]
    for named in (document.css('link[rel="canonical"]::attr(href)').get(), page.url, back):
        if named and jumia_linked.number_in(named) and (address := page.link(named)):
            return address
    raise ValueError("neither the page nor who saved it says its address")


def _brand(document: Selector) -> str | None:
    """The linked name in the line that begins with the word for it."""
    for line in document.css("div.-pvxs"):
        if plain(line.xpath("string()").get() or "").lower().startswith(_BRAND_LABELS):
            return _text(line, "a._more") or None
    return None


def _categories(document: Selector) -> list[str]:
    """The trackers' categories; without them the breadcrumb between the home page and the product."""
    form = next(iter(document.css(_BUY_FORM)), document)
    if told := category_path(_of(form, "data-gtm-category", "data-category")):
        return told
    names = [plain(" ".join(link.xpath(".//text()").getall())) for link in document.css(".brcbs a.cbs[href]")]
    return [name for name in names[1:] if name]


def _sku(document: Selector, linked: jumia_linked.Node, page: Page) -> str:
    for query in (f"{_BUY_FORM}", "#wishlist, [data-simplesku]"):
        for element in document.css(query):
            if sku := _of(element, "data-sku", "data-gtm-id", "data-id", "data-simplesku").split("-", 1)[0]:
                return sku
    identity = linked.get("sku") or _specifications(document).get("SKU") or jumia_linked.number_in(page.url)
    if not identity:
        raise ValueError("no SKU")
    return str(identity)


def _money(document: Selector, queries: tuple[str, ...], page: Page) -> PriceText | None:
    texts = (_text(document, query) for query in queries)
    text = next((text for text in texts if text), None)
    return jumia_cards.money(text, page) if text else None


def _availability(document: Selector, linked: jumia_linked.Node) -> tuple[Availability, int | None]:
    """What LD+JSON says, with the units that the page says; where it says nothing what the page says."""
    named = jumia_linked.availability(linked)
    said = " ".join(plain(text) for text in document.css("p.-df.-i-ctr.-fs12::text, p.-fs12::text").getall())
    shown, left = jumia_stock.said(said)
    if named == "out_of_stock" or (named == "unknown" and shown == "out_of_stock"):
        return "out_of_stock", 0
    if shown == "low_stock":
        return shown, left
    if named == shown == "unknown" and jumia_stock.said(_text(document, _MAIN))[0] == "out_of_stock":
        return "out_of_stock", 0
    return (shown if named == "unknown" else named), None


def _complete(offer: Offer, document: Selector, linked: jumia_linked.Node, page: Page) -> None:
    """What only the page itself says: seller, badges, pictures, specifications, description."""
    if document.css("a.bdg._mall"):
        offer.seller_kind = "official"
    offer.seller_name = _seller(document)
    pictures = jumia_linked.images(linked) or document.css("#imgs a::attr(href)").getall()
    offer.image_urls = page.links(pictures) or offer.image_urls
    specifications = _specifications(document)
    specifications.pop("SKU", None)
    offer.attributes |= specifications
    if description := plain(str(linked.get("description") or "")):
        offer.attributes["description"] = description[:_DESCRIPTION_LENGTH]


def _seller(document: Selector) -> str | None:
    for card in document.css("section.card"):
        if plain(" ".join(card.css("h2").xpath(".//text()").getall())).lower() in _SELLER_TITLES:
            return _text(card, "p.-m.-pbs") or None
    return None


def _text(document: Selector, query: str) -> str:
    found = document.css(query)
    return plain(" ".join(found[0].xpath(".//text()").getall())) if found else ""


def _of(element: Selector, *names: str) -> str:
    return next((value.strip() for name in names if (value := element.attrib.get(name))), "")
