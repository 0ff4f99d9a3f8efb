"""What our shop says of a product: composed from what is known of it, never copied from a seller."""

from __future__ import annotations

from dataclasses import dataclass

from database.shop import Product
from reseller.content import attributes, describing
from reseller.content.titles import clean_title
from reseller.shelves import shelf_of

FIELDS = ("title", "description", "attributes", "shelf")
"""What a person may write instead of the agent."""


@dataclass(frozen=True, slots=True)
class Content:
    """The words of a listing.

    Attributes:
        description: by language, `fr ar en`; plain text, one fact a line.
        attributes: normalised, see `attributes.normalise`.
        shelf: a key of `reseller.shelves`.
    """

    title: str
    description: dict[str, str]
    attributes: dict[str, str]
    shelf: str


def compose(product: Product, title: str | None = None) -> Content:
    """The words for a product of ours, from its title, brand, category and page attributes."""
    clean = clean_title(title or product.title)
    known = attributes.normalise(clean, product.brand, {str(n): str(v) for n, v in product.attributes.items()})
    shelf = shelf_of(" > ".join(product.category_path))
    return Content(clean, describing.describe(clean, known, shelf), known, shelf)
