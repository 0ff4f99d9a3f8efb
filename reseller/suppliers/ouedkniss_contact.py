"""A seller of classified ads: a message is prepared, a person sends it, and notes the reply."""

from __future__ import annotations

from decimal import Decimal

from reseller.suppliers.manual import ManualSupplier

LONGEST_TITLE = 120


class OuedknissContact(ManualSupplier):
    """Sends nothing: nobody may write to sellers by program there. See `reseller.seller_contact` for the reply."""

    name = "ouedkniss_contact"


def message(language: str, *, title: str, unit_price: Decimal, quantity: int, place: str, shop: str) -> str:
    """A polite message to a seller: is it still there at this price, how many, where. Names nobody but the shop.

    Args:
        language: `fr` or `ar`.
        unit_price: DZD, whole dinars are written.
        place: where to meet or to deliver.
    """
    title = " ".join(title.split())[:LONGEST_TITLE]
    price = f"{unit_price:,.0f}".replace(",", "\N{NO-BREAK SPACE}")
    return {"fr": _french, "ar": _arabic}[language](title, price, quantity, place, shop)


def _french(title: str, price: str, quantity: int, place: str, shop: str) -> str:
    wanted = f"Nous en prendrions {quantity}, au prix de {price} DA l'unité" if quantity > 1 else f"Prix : {price} DA"
    return (
        f"Bonjour,\n\nVotre annonce « {title} » est-elle toujours d'actualité ?\n{wanted}, paiement en espèces à la "
        f"remise.\nNous pouvons nous rencontrer à {place}, ou recevoir le colis à cet endroit si vous livrez.\n\n"
        f"Merci d'avance pour votre réponse.\n{shop}"
    )


def _arabic(title: str, price: str, quantity: int, place: str, shop: str) -> str:
    # Isolates keep Latin titles and figures in their order within the right-to-left text.
    def apart(text: str) -> str:
        return f"\u2068{text}\u2069"

    wanted = f"نرغب في {quantity} وحدات بسعر {apart(price)} دج للوحدة" if quantity > 1 else f"السعر: {apart(price)} دج"
    return (
        f"السلام عليكم،\n\nهل إعلانكم «{apart(title)}» لا يزال متوفرًا؟\n{wanted}، والدفع نقدًا عند الاستلام.\n"
        f"يمكننا اللقاء في {apart(place)}، أو استلام الطرد هناك إذا كنتم توصلون.\n\n"
        f"شكرًا مسبقًا على ردكم.\n{apart(shop)}"
    )
