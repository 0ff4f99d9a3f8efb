"""The product page of any shop: schema.org data, then OpenGraph, then the price that is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from crawlers.pages import visible_price
from crawlers.pages.errors import NoProduct, PageError
from crawlers.pages.page import Found, Page, refuse_challenge, refuse_non_html, refuse_truncated
from crawlers.pages.schema_org_fields import attributes, category, ids, rating
from crawlers.pages.schema_org_graph import Graph, Thing, clean
from crawlers.pages.schema_org_offers import terms_of
from crawlers.pages.schema_org_products import Choice, Subject, alike, here, listed, named, only, same_host
from crawlers.pages.schema_org_sources import Document, readable
from crawlers.pages.schema_org_words import amount, availability_of, currency_of
from pipelines.offer import Offer
from pipelines.reject import Reject

_NO_SKU = frozenset(["", "0", "-", "n/a", "na", "none", "null", "undefined", "sku"])
_EXPIRED = "page/expired_price"
_LONGEST_ID, _LONGEST_NAME, _MOST_IMAGES = 150, 1000, 20


def parse(page: Page, marketplace: str, several_shops: bool = False) -> Found:
    """The offer of a product page, or the offers of a page that lists products.

    Args:
        several_shops: whether the marketplace stands for many hosts: ids then begin with the page's host, and a seller
            that is not named is the host.

    Raises:
        NoProduct: no product, or one that has neither a price nor is sold out.
        PageError: the page cannot be used; its subclass says why.
    """
    page = readable(page)
    refuse_challenge(page)
    refuse_non_html(page)
    document = Document(page)
    reading = _Reading(page, document, marketplace, several_shops)
    offers = reading.offers()
    rejects = [Reject(url=page.url, reason=reason, raw={}) for reason in document.unreadable]
    if not offers:
        refuse_truncated(page)
        raise NoProduct("; ".join([reading.missing, *document.unreadable]))
    troubles = [_EXPIRED for offer in offers if "price_expired" in offer.attributes]
    return Found(offers=offers, rejects=rejects, troubles=troubles)


class _Reading:
    """One page being read; `missing` says what it lacks."""

    def __init__(self, page: Page, document: Document, marketplace: str, several_shops: bool) -> None:
        self.page = page
        self.document = document
        self.marketplace = marketplace
        self.several_shops = several_shops
        self.graph = document.opengraph()
        self.subject = Subject.of(page, document)
        self.missing = "no product in schema.org, OpenGraph or the page itself"

    def offers(self) -> list[Offer]:
        """The offer of what the page is about; else those of the products it lists.

        Every syntax and OpenGraph are asked for the one product first: related products are often told in another
        syntax than the page's own.
        """
        graphs: list[tuple[str, Graph]] = []
        unfinished: Offer | None = None
        for source, graph in self.document.graphs():
            graphs.append((source, graph))
            offer = self._chosen(named, source, graph)
            if offer and _is_whole(offer):
                return [offer]
            unfinished = unfinished or offer
        for choice in (alike, here):
            for source, graph in graphs if unfinished is None or choice is alike else []:
                offer = self._chosen(choice, source, graph)
                if offer and _is_whole(offer):
                    return [offer]
                unfinished = unfinished or offer
        if completed := self._completed(unfinished or self._described(shown=False)):
            return [completed]
        return [] if unfinished else self._others(graphs)

    def _chosen(self, choice: Choice, source: str, graph: Graph) -> Offer | None:
        product = choice(graph, self.subject)
        return self._offer(product, graph, source, None) if product else None

    def _others(self, graphs: list[tuple[str, Graph]]) -> list[Offer]:
        """What a page sells that does not say of any one product that it is about it."""
        for source, graph in graphs:
            if completed := self._completed(self._chosen(only, source, graph)):
                return [completed]
        for source, graph in graphs if not self.subject.is_product else []:
            made = [self._offer(product, graph, source, number) for number, product in listed(graph, self.subject)]
            if whole := [offer for offer in made if _is_whole(offer)]:
                return whole
        described = self._completed(self._described(shown=True))
        return [described] if described else []

    def _completed(self, offer: Offer | None) -> Offer | None:
        """An offer with the price that OpenGraph or the page itself names; None where it stays without."""
        if offer is None:
            return None
        if not _is_whole(offer):
            self._price_from_opengraph(offer)
            if offer.price is None:
                self._price_from_view(offer)
        if not _is_whole(offer):
            self.missing = f"a product without a price, and not sold out: {offer.title[:100]}"
            return None
        return offer

    def _offer(self, product: Thing, graph: Graph, source: str, number: int | None) -> Offer:
        page = self.page
        terms = terms_of(product, page.observed_at, page.currency)
        address = page.url if number is None else self._own_address(product)
        title = clean(product.text("name"))[:_LONGEST_NAME] or self.document.headline()
        offer = Offer(
            marketplace=self.marketplace,
            country=page.country,
            external_id=self._external_id(ids(product), address if number else self._canonical()),
            url=address,
            title=title,
            observed_at=page.observed_at,
            brand=(product.text("brand") or product.text("manufacturer"))[:200] or None,
            category_path=category(product, graph, title),
            price=terms.price,
            currency=terms.currency if terms.price is not None else None,
            old_price=terms.old_price,
            price_kind=terms.kind,
            availability=terms.availability,
            stock_left=0 if terms.availability == "out_of_stock" else terms.stock_left,
            seller_name=None if terms.seller_kind == "private" else terms.seller_name or self._seller(),
            seller_kind=terms.seller_kind if terms.seller_kind != "unknown" else "shop",
            position=number,
            image_urls=self._images(image for image in product.all("image")),
            attributes=attributes(product, terms, source),
        )
        offer.rating, offer.rating_count = rating(product)
        return offer

    def _described(self, shown: bool) -> Offer | None:
        """An offer without a price of a page that only OpenGraph, or if `shown` its headline, calls a product's."""
        tags = self.graph
        title = clean(tags.get("og:title") or self.document.headline())[:_LONGEST_NAME]
        known = self.subject.is_product or self._amount_tags() or (shown and self._shows_price())
        if not title or not known:
            return None
        brand = tags.get("product:brand") or tags.get("og:brand")
        image = tags.get("og:image:secure_url") or tags.get("og:image")
        sku = tags.get("product:retailer_item_id") or ""
        return Offer(
            marketplace=self.marketplace,
            country=self.page.country,
            external_id=self._external_id([sku], self._canonical()),
            url=self.page.url,
            title=title,
            observed_at=self.page.observed_at,
            brand=clean(brand)[:200] if brand else None,
            seller_name=self._seller(),
            seller_kind="shop",
            image_urls=self._images([image] if image else []),
        )

    def _amount_tags(self) -> tuple[str, str] | None:
        """Names of the tags for the price and its currency."""
        for name in ("product:sale_price", "product:price", "og:price"):
            if f"{name}:amount" in self.graph:
                return f"{name}:amount", f"{name}:currency"
        return None

    def _shows_price(self) -> bool:
        return visible_price.find(self.document.tree, self.page.currency) is not None

    def _price_from_opengraph(self, offer: Offer) -> None:
        word = self.graph.get("product:availability") or self.graph.get("og:availability") or ""
        if offer.availability == "unknown":
            offer.availability = availability_of(word) or "unknown"
            offer.stock_left = 0 if offer.availability == "out_of_stock" else offer.stock_left
        names = self._amount_tags()
        if names is None:
            return
        currency = currency_of(self.graph.get(names[1], ""), self.page.currency) or self.page.currency
        price = amount(self.graph[names[0]], currency)
        if price is None:
            return
        offer.price, offer.currency, offer.price_kind = price, currency, "fixed"
        offer.attributes["price_source"] = "opengraph"
        for name in ("product:original_price:amount", "product:price:amount"):
            old = amount(self.graph.get(name, ""), currency)
            if old is not None and old > price:
                offer.old_price = old
                break

    def _price_from_view(self, offer: Offer) -> None:
        shown = visible_price.find(self.document.tree, self.page.currency)
        if shown is not None:
            offer.price, offer.currency = shown.price, shown.currency
            offer.price_kind = "from" if shown.is_range else "fixed"
            offer.attributes["price_source"] = "visible"

    def _canonical(self) -> str:
        """The page's own word for its address, unless it is another host's or the shop's home page."""
        named = self.document.canonical()
        trusted = named and same_host(named, self.page.url) and urlsplit(named).path.strip("/")
        return named if named and trusted else self.page.url

    def _own_address(self, product: Thing) -> str:
        given = product.text("url") or product.id or next(iter(o.text("url") for o in product.things("offers")), "")
        return self.page.absolute(given) if given else self.page.url

    def _external_id(self, ids: Iterable[str], address: str) -> str:
        """SKU, else GTIN, else product id, else a hash of the address; of several shops behind the host."""
        known = (clean(given) for given in ids)
        usable = (given for given in known if given.lower() not in _NO_SKU and len(given) <= _LONGEST_ID)
        split = urlsplit(address)
        place = f"{split.netloc.lower()}{split.path}{'?' + split.query if split.query else ''}"
        own = next(usable, None) or hashlib.sha256(place.encode()).hexdigest()[:24]
        return f"{urlsplit(self.page.url).netloc.lower()}/{own}" if self.several_shops else own

    def _seller(self) -> str | None:
        return urlsplit(self.page.url).netloc.lower() if self.several_shops else None

    def _images(self, images: Iterable[object]) -> list[str]:
        found = []
        for image in images:
            text = image.text("contentUrl", "url") or image.id if isinstance(image, Thing) else str(image)
            address = self.page.absolute(text) if text else ""
            if address.startswith(("https://", "http://")):
                found.append(address)
        return list(dict.fromkeys(found))[:_MOST_IMAGES]


def _is_whole(offer: Offer) -> bool:
    return bool(offer.title) and (offer.price is not None or offer.availability == "out_of_stock")


def address_named(body: bytes) -> str | None:
    """The absolute address that a saved page gives as its own; None where it gives none."""
    nowhere = Page(body=body, url="", country="", currency="", observed_at=datetime.now(UTC))
    try:
        named = Document(readable(nowhere)).canonical()
    except PageError:
        return None
    return named if named and named.startswith(("https://", "http://")) else None


def canonical(page: Page) -> str | None:
    """The address under which a page wants to be known, absolute; None where it names none."""
    return Document(readable(page)).canonical()
