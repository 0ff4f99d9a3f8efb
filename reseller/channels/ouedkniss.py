"""An ad for Ouedkniss, prepared for a person to post: the site has no interface for programs."""

from __future__ import annotations

from dataclasses import dataclass

from config import settings
from reseller.channels.offers import Offer
from reseller.wording import dinars

TITLE_LENGTH = 70
CATEGORIES = {
    "phones": "telephones", "computers": "informatique", "audio": "electronique_electromenager",
    "tv": "electronique_electromenager", "kitchen": "electronique_electromenager",
    "appliances": "electronique_electromenager", "home": "meubles_maison", "beauty": "sante_beaute",
    "fashion": "vetements_mode", "baby": "loisirs_divertissements", "games": "loisirs_divertissements",
    "sport": "sport", "grocery": "alimentaires", "cars": "pieces_detachees", "tools": "materiaux_equipement",
    "watches": "vetements_mode", "cameras": "informatique",
}  # fmt: skip
"""Slugs of the site's categories for our shelves."""
CLOSING = {
    "fr": "Prix : {price}. Paiement à la livraison, dans toutes les wilayas. {shop}, {phone}.",
    "ar": "السعر: {price}. الدفع عند الاستلام في كل الولايات. {shop}، {phone}.",
}


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a person puts into the site's form. price: whole dinars; pictures: addresses to save and upload."""

    title: str
    text_fr: str
    text_ar: str
    price: str
    category: str
    pictures: tuple[str, ...]


def advertisement(offer: Offer) -> Advertisement:
    """The ad of a product, with the shop's own telephone number and no drawing among its pictures."""
    texts = {}
    for language, closing in CLOSING.items():
        end = closing.format(
            price=dinars(offer.price, language), shop=settings().shop_name, phone=settings().shop_phone
        )
        texts[language] = f"{offer.description.get(language) or offer.title}\n{end}"
    title = offer.title
    if len(title) > TITLE_LENGTH:
        title = title[: TITLE_LENGTH + 1].rsplit(" ", 1)[0][:TITLE_LENGTH]
    pictures = tuple(picture.url for picture in offer.pictures if not picture.generated)
    category = CATEGORIES.get(offer.shelf, "autre")
    return Advertisement(title, texts["fr"], texts["ar"], f"{offer.price:.0f}", category, pictures)
