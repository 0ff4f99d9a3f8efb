"""What shoppers read: cards, search, product pages and price histories, from the marts and our own shop.

A listing of ours that is published and in stock is sold by us at our price. Everything else is shown at the market's
price and says where it was seen. Reads only. Money of ours is DZD, of the market in the listing's currency.
"""

from reseller.catalogue.browse import Home, ShelfCount, built, home, shelf_counts
from reseller.catalogue.cards import Card
from reseller.catalogue.product import Day, ProductPage, price_histories, price_history, product
from reseller.catalogue.search import PAGE_SIZE, SORTS, Facets, SearchResult, Sort, Wanted, search

__all__ = [
    "PAGE_SIZE",
    "SORTS",
    "Card",
    "Day",
    "Facets",
    "Home",
    "ProductPage",
    "SearchResult",
    "ShelfCount",
    "Sort",
    "Wanted",
    "built",
    "home",
    "price_histories",
    "price_history",
    "product",
    "search",
    "shelf_counts",
]
