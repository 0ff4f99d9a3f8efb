"""What the name of an attribute, or of a member of a document, says of its value: a person's contact or number."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Telling = Literal["contact", "phone"]

_PHONE = frozenset(
    (
        *("tel", "telephone", "telephones", "phone", "phones", "mobile", "mobiles", "mob", "gsm", "fax", "portable"),
        *("whatsapp", "viber", "telegram", "imo", "msisdn", "هاتف", "الهاتف", "جوال", "الجوال", "نقال", "واتساب"),
    )
)
_CONTACT = frozenset(
    ("contact", "contacts", "contacter", "email", "emails", "mail", "mails", "courriel", "ايميل", "البريد", "اتصال")
)
_BESIDE = frozenset(
    (
        *("a", "au", "aux", "de", "du", "des", "d", "l", "la", "le", "e", "n", "no", "num", "numero", "number", "nom"),
        *("name", "person", "personne", "us", "nous", "info", "infos", "information", "informations", "details"),
        *("adresse", "address", "seller", "vendeur", "owner", "proprietaire", "user", "الالكتروني", "رقم"),
    )
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(16_384)
def telling(name: str) -> Telling | None:
    """`contact`: the value is a person's. `phone`: a number in it is announced. None: it says neither.

    "Surface de contact" and "Mobile Operating System" name something else; a number under the latter would be one.
    """
    words = _words(_HUMP.sub(" ", name))
    if words & _CONTACT and words <= _CONTACT | _PHONE | _BESIDE:
        return "contact"
    return "phone" if (words | _words(name)) & _PHONE else None


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return set(_WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign))))
