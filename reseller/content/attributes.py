"""What a product is, under a few names and in one spelling, from its title and the attributes of its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from reseller.content.contacts import without_contacts
from reseller.content.gtin import valid_gtin
from reseller.shelves import plain

LONGEST = 60
"""Most characters of a value: longer is prose, and prose is a seller's."""

NAMES = {
    "brand": ("marque", "brand", "العلامة", "ماركة", "العلامة التجارية"),
    "model": ("modele", "model", "reference du modele", "الموديل", "الطراز", "موديل"),
    "storage_gb": ("stockage", "capacite", "capacite de stockage", "memoire interne", "storage", "rom", "سعة التخزين"),
    "memory_gb": ("ram", "memoire ram", "memoire vive", "الرام", "الذاكرة العشوائية"),
    "screen_inches": ("taille de l ecran", "taille ecran", "ecran", "diagonale", "screen size", "حجم الشاشه", "الشاشه"),
    "colour": ("couleur", "coloris", "color", "colour", "اللون", "لون"),
    "size": ("taille", "pointure", "size", "المقاس", "الحجم", "القياس"),
    "power_w": ("puissance", "power", "القوه", "القدره"),
    "volume_ml": ("volume", "contenance", "السعه"),
    "weight_g": ("poids", "weight", "الوزن"),
    "battery_mah": ("batterie", "capacite de la batterie", "battery", "البطاريه"),
    "condition": ("etat", "condition", "state", "الحاله"),
    "gtin": ("ean", "gtin", "upc", "code barre", "code barres", "barcode", "code ean"),
    "mpn": ("mpn", "reference fabricant", "part number", "reference constructeur"),
}
"""Names that pages use, as `shelves.plain` writes them."""

COLOURS = {
    "black": ("noir", "noire", "black", "اسود"),
    "white": ("blanc", "blanche", "white", "ابيض"),
    "grey": ("gris", "grise", "gray", "grey", "رمادي"),
    "silver": ("argent", "argente", "silver", "فضي"),
    "gold": ("dore", "or", "gold", "ذهبي"),
    "blue": ("bleu", "bleue", "blue", "ازرق"),
    "red": ("rouge", "red", "احمر"),
    "green": ("vert", "verte", "green", "اخضر"),
    "yellow": ("jaune", "yellow", "اصفر"),
    "orange": ("orange", "برتقالي"),
    "pink": ("rose", "pink", "وردي"),
    "purple": ("violet", "violette", "mauve", "purple", "بنفسجي"),
    "brown": ("marron", "brun", "brown", "بني"),
    "beige": ("beige", "بيج"),
}
_COLOUR_OF = {word: colour for colour, words in COLOURS.items() for word in words}
_CONDITIONS = {
    "reconditionne": "refurbished",
    "refurbished": "refurbished",
    "occasion": "used",
    "used": "used",
    "bon etat": "used",
    "مستعمل": "used",
    "neuf": "new",
    "new": "new",
    "jamais utilise": "new",
    "جديد": "new",
}
_NUMBER = r"(\d{1,5}(?:[.,]\d{1,2})?)"
_MODEL = re.compile(r"(?<![\w.,])(?=[A-Za-z0-9\-]*[A-Za-z])(?=[A-Za-z0-9\-]*\d)[A-Za-z0-9\-]{2,20}(?!\w)")
_TITLE_ONLY = re.compile(r"[\w .,'’+\-/()°\"&%²³×*#:]+")


def normalise(title: str, brand: str | None, page: Mapping[str, str]) -> dict[str, str]:
    """Attributes by name: numbers without unit (the name says it), colours and conditions as English words.

    What is not understood is left out, and so is what a page says at length or with a contact in it.

    Args:
        page: attributes as the market's page names them, French, Arabic or English.
    """
    said = _said(page)
    found = {name: _read(name, text) for name, text in said.items()}
    found |= {name: value for name, value in _of_title(title).items() if not found.get(name)}
    if brand and (ours := _word(brand)):
        found["brand"] = ours
    return {name: value for name in NAMES if (value := found.get(name))}


def _said(page: Mapping[str, str]) -> dict[str, str]:
    known = {word: name for name, words in NAMES.items() for word in map(plain, words)}
    said: dict[str, str] = {}
    for name, text in page.items():
        key = known.get(plain(name)) or (name if name in NAMES else None)
        if key and text and len(text) <= LONGEST and without_contacts(text) == " ".join(text.split()):
            said.setdefault(key, text)
    return said


def _read(name: str, text: str) -> str | None:
    return _READERS.get(name, _word)(text)


def _word(text: str) -> str | None:
    text = " ".join(text.split())
    kept = without_contacts(text)
    return kept if kept == text and _TITLE_ONLY.fullmatch(kept) and len(kept) <= LONGEST else None


def _gigabytes(text: str) -> str | None:
    found = re.search(rf"{_NUMBER}\s?(to|tb|go|gb|g|mo|mb|تيرا|جيغا|غيغا)(?![^\W\d_])", text, re.IGNORECASE)
    if not found:
        return None
    unit = found[2].lower()
    factor = Decimal(1024) if unit in ("to", "tb", "تيرا") else Decimal(1)
    return None if unit in ("mo", "mb") else _figure(found[1], factor)


def _quantity(units: dict[str, int], bare: bool = False) -> Callable[[str], str | None]:
    names = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    pattern = re.compile(rf"{_NUMBER}\s?({names})(?![^\W\d_])", re.IGNORECASE)

    def read(text: str) -> str | None:
        if found := pattern.search(text):
            return _figure(found[1], Decimal(units[found[2].lower()]))
        return _figure(text.strip(), Decimal(1)) if bare and re.fullmatch(_NUMBER, text.strip()) else None

    return read


def _figure(text: str, factor: Decimal) -> str | None:
    value = Decimal(text.replace(",", ".")) * factor
    return f"{value.normalize():f}" if value > 0 else None


def _colour(text: str) -> str | None:
    colours = dict.fromkeys(_COLOUR_OF[word] for word in plain(text).split() if word in _COLOUR_OF)
    return "/".join(list(colours)[:3]) or None


def _condition(text: str) -> str | None:
    words = plain(text)
    return next((value for word, value in _CONDITIONS.items() if re.search(rf"(?<!\w){word}(?!\w)", words)), None)


def _mpn(text: str) -> str | None:
    return text.strip() if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9/.\-]{1,69}", text.strip()) else None


_INCHES = _quantity({'"': 1, "''": 1, "pouces": 1, "pouce": 1, "inch": 1, "inches": 1, "بوصة": 1}, bare=True)
_WATTS = _quantity({"w": 1, "watt": 1, "watts": 1, "kw": 1000, "واط": 1})
_MILLILITRES = _quantity({"ml": 1, "cl": 10, "l": 1000, "litre": 1000, "litres": 1000, "مل": 1, "لتر": 1000})
_GRAMS = _quantity({"g": 1, "gr": 1, "grammes": 1, "kg": 1000, "كغ": 1000, "غ": 1})
_MILLIAMPERE_HOURS = _quantity({"mah": 1})
_READERS: dict[str, Callable[[str], str | None]] = {
    "storage_gb": _gigabytes,
    "memory_gb": _gigabytes,
    "screen_inches": _INCHES,
    "colour": _colour,
    "power_w": _WATTS,
    "volume_ml": _MILLILITRES,
    "weight_g": _GRAMS,
    "battery_mah": _MILLIAMPERE_HOURS,
    "condition": _condition,
    "gtin": valid_gtin,
    "mpn": _mpn,
}


def _of_title(title: str) -> dict[str, str]:
    sizes = [
        (value, bool(re.match(r"\s?(?:de )?ram\b", title[found.end() :], re.IGNORECASE)))
        for found in re.finditer(rf"{_NUMBER}\s?(?:to|tb|go|gb)(?![^\W\d_])", title, re.IGNORECASE)
        if (value := _gigabytes(found[0]))
    ]
    storage = [Decimal(value) for value, is_ram in sizes if not is_ram]
    memory = [Decimal(value) for value, is_ram in sizes if is_ram]
    if not memory and len(storage) > 1:
        memory, storage = [min(storage)], [max(storage)]
    read = {
        "storage_gb": f"{max(storage)}" if storage else None,
        "memory_gb": f"{min(memory)}" if memory else None,
        "screen_inches": _quantity({'"': 1, "pouces": 1, "inch": 1, "بوصة": 1})(title),
        "colour": _colour(title),
        "power_w": _WATTS(title),
        "volume_ml": _MILLILITRES(title),
        "weight_g": _quantity({"kg": 1000, "grammes": 1, "gr": 1})(title),
        "battery_mah": _MILLIAMPERE_HOURS(title),
        "model": _model(title),
    }
    return {name: value for name, value in read.items() if value}


def _model(title: str) -> str | None:
    """The first word of letters and digits that is no measure: A16, SM-A155F, WH1000XM5."""
    for word in re.findall(
        r"(?<![\w.,])(?=[A-Za-z0-9\-]*[A-Za-z])(?=[A-Za-z0-9\-]*\d)[A-Za-z0-9\-]{2,20}(?![\w])", title
    ):
        if not re.fullmatch(r"\d+(?:[a-z]{1,5}|K|[45]G|[A-Z]{1,2})", word, re.IGNORECASE):
            return str(word)
    return None
