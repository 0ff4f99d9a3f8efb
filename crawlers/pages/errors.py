"""Why a page could not be used. Each error has a name under which it is counted."""

from __future__ import annotations


class PageError(ValueError):
    """A page yields nothing that can be trusted; nothing of it is stored as an offer."""

    name = "page/unusable"


class NotHtml(PageError):
    """The body is no HTML (or, for an API, no JSON)."""

    name = "page/not_html"


class PageTruncated(PageError):
    """The body ends before the page does."""

    name = "page/truncated"


class ChallengePage(PageError):
    """The shop asks for proof of a person instead of answering."""

    name = "page/challenge"


class LayoutChanged(PageError):
    """The page is whole, but what is known of its layout no longer holds."""

    name = "page/layout_changed"


class WrongShop(PageError):
    """The page belongs to another country's shop than the one that was asked."""

    name = "page/wrong_shop"


class EmptyResult(PageError):
    """The shop says that there is nothing here: for a place that was asked for by name, a failure to report."""

    name = "page/empty"


class ProductGone(PageError):
    """The product's address leads to the home page: the listing is no more."""

    name = "page/product_gone"


class BadStatus(PageError):
    """The server answered with a status that carries no page."""

    name = "page/bad_status"


class ApiErrors(PageError):
    """A GraphQL answer that carries errors, whatever its HTTP status."""

    name = "page/api_errors"


class UnknownShop(PageError):
    """A saved page does not say whose it is."""

    name = "page/unknown_shop"


class NoProduct(PageError):
    """The page is whole, but offers no product with a price."""

    name = "page/no_product"


class TooLarge(PageError):
    """The page is larger than any product page; nothing of it is read."""

    name = "page/too_large"
