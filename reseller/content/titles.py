"""A marketplace title as our shop writes it."""

from __future__ import annotations

import re

from reseller.content.contacts import without_contacts

TITLE_LENGTH = 120
"""Most characters of a title: two lines on a phone."""
UNTITLED = "Article"
"""The title of a product of whose own title contacts alone were written."""

SHOUTING = re.compile(
    r"(?i)(?<!\w)(promo(tion)?s?|solde?s?|livraison (gratuite|rapide|partout|[àa] domicile|(dans |vers )?(les )?"
    r"(48|58|69) wilayas?)|(48|58|69) wilayas?|paiement [àa] la livraison|prix (choc|imbattable|cass[ée]|bas)"
    r"|offre sp[ée]ciale|meilleur prix|top qualit[ée]|satisfait ou rembours[ée]|disponible|dispo"
    r"|original(e)? ?100 ?%|100 ?% original(e)?|best price|free delivery|hot sale"
    r"|توصيل (مجاني|سريع)|التوصيل (مجاني|متوفر)|(48|58|69) ولاية|عرض خاص|تخفيضات?|أفضل سعر|احسن سعر|متوفرة?"
    r"|الدفع عند الاستلام)(?!\w)"
)
DECORATION = re.compile(r"[^\w\s.,:;'’\"()\[\]/+&%°\-–²³×*#]|_|[\ufe0f\u200b-\u200f]")


def clean_title(title: str) -> str:
    """A title without contacts, advertising, decoration, capitals throughout; at most 120 characters.

    A title of which nothing but advertising and signs is there is kept as it is, spaces tidied; one of which nothing
    but contacts is there becomes `UNTITLED`.
    """
    title = without_contacts(title)
    if not title:
        return UNTITLED
    text = SHOUTING.sub(" ", DECORATION.sub(" ", title))
    text = re.sub(r"\s+", " ", re.sub(r"([.,:;*#/&\-–])(\s*\1)+", r"\1", text))
    text = re.sub(r"\(\s*\)|\[\s*\]", "", text).strip(" .,:;*#/&-–")
    if not re.search(r"\w", text):
        return title[:TITLE_LENGTH]
    words = text.split()
    letters = "".join(character for character in text if character.isalpha())
    if len(words) > 2 and letters.isupper():
        text = " ".join(word.capitalize() if word.isalpha() and len(word) > 3 else word for word in words)
    return _shorten(without_contacts(text) or UNTITLED)


def _shorten(text: str) -> str:
    if len(text) <= TITLE_LENGTH:
        return text
    return text[: TITLE_LENGTH + 1].rsplit(" ", 1)[0].rstrip(" .,:;*#/&-–") if " " in text else text[:TITLE_LENGTH]
