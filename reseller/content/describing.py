"""Descriptions in French, Arabic and English, composed from attributes: one fact a line, plain text."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("fr", "ar", "en")

SHELVES = {
    "phones": ("Téléphones et tablettes", "هواتف ولوحات", "Phones and tablets"),
    "computers": ("Informatique", "إعلام آلي", "Computers"),
    "audio": ("Son", "صوتيات", "Sound"),
    "tv": ("TV et électronique", "تلفاز وإلكترونيات", "TV and electronics"),
    "kitchen": ("Cuisine", "مطبخ", "Kitchen"),
    "appliances": ("Électroménager", "أجهزة منزلية", "Appliances"),
    "home": ("Maison", "المنزل", "Home"),
    "beauty": ("Beauté et santé", "جمال وصحة", "Beauty and health"),
    "fashion": ("Mode", "أزياء", "Fashion"),
    "baby": ("Bébé", "رضع", "Baby"),
    "games": ("Jeux et jouets", "ألعاب", "Games and toys"),
    "sport": ("Sport", "رياضة", "Sport"),
    "grocery": ("Épicerie", "بقالة", "Grocery"),
    "cars": ("Auto", "سيارات", "Car"),
    "tools": ("Outils", "أدوات", "Tools"),
    "watches": ("Montres", "ساعات", "Watches"),
    "cameras": ("Photo et caméras", "كاميرات", "Cameras"),
    "other": ("Divers", "متفرقات", "Everything else"),
}
_LABELS = {
    "brand": ("Marque : {}", "العلامة: {}", "Brand: {}"),
    "model": ("Modèle : {}", "الطراز: {}", "Model: {}"),
    "storage_gb": ("Stockage : {} Go", "التخزين: {} جيغابايت", "Storage: {} GB"),
    "memory_gb": ("Mémoire vive : {} Go", "الذاكرة: {} جيغابايت", "Memory: {} GB"),
    "screen_inches": ("Écran : {} pouces", "الشاشة: {} بوصة", "Screen: {} inches"),
    "colour": ("Couleur : {}", "اللون: {}", "Colour: {}"),
    "size": ("Taille : {}", "المقاس: {}", "Size: {}"),
    "power_w": ("Puissance : {} W", "القدرة: {} واط", "Power: {} W"),
    "volume_ml": ("Contenance : {} ml", "السعة: {} مل", "Volume: {} ml"),
    "weight_g": ("Poids : {} g", "الوزن: {} غ", "Weight: {} g"),
    "battery_mah": ("Batterie : {} mAh", "البطارية: {} ميلي أمبير ساعة", "Battery: {} mAh"),
    "condition": ("État : {}", "الحالة: {}", "Condition: {}"),
    "mpn": ("Référence : {}", "المرجع: {}", "Part number: {}"),
}
_WORDS = {
    "black": ("noir", "أسود", "black"),
    "white": ("blanc", "أبيض", "white"),
    "grey": ("gris", "رمادي", "grey"),
    "silver": ("argent", "فضي", "silver"),
    "gold": ("or", "ذهبي", "gold"),
    "blue": ("bleu", "أزرق", "blue"),
    "red": ("rouge", "أحمر", "red"),
    "green": ("vert", "أخضر", "green"),
    "yellow": ("jaune", "أصفر", "yellow"),
    "orange": ("orange", "برتقالي", "orange"),
    "pink": ("rose", "وردي", "pink"),
    "purple": ("violet", "بنفسجي", "purple"),
    "brown": ("marron", "بني", "brown"),
    "beige": ("beige", "بيج", "beige"),
    "new": ("neuf", "جديد", "new"),
    "used": ("occasion", "مستعمل", "used"),
    "refurbished": ("reconditionné", "مجدد", "refurbished"),
}


def describe(title: str, attributes: Mapping[str, str], shelf: str) -> dict[str, str]:
    """By language, `fr ar en`: the title, what is known of it, and the shelf on which it lies."""
    return {language: _text(title, attributes, shelf, at) for at, language in enumerate(LANGUAGES)}


def _text(title: str, attributes: Mapping[str, str], shelf: str, at: int) -> str:
    facts = [
        labels[at].format(word(value, LANGUAGES[at]) if name in ("colour", "condition") else value)
        for name, labels in _LABELS.items()
        if (value := attributes.get(name))
    ]
    category = ("Rayon : {}", "القسم: {}", "Category: {}")[at].format(SHELVES.get(shelf, SHELVES["other"])[at])
    return "\n".join([title, *facts, category])


def word(value: str, language: str) -> str:
    """A normalised colour or condition (`black/red`, `new`) in a language; any other word as it is."""
    at = LANGUAGES.index(language)
    return "/".join(_WORDS[each][at] if each in _WORDS else each for each in value.split("/"))
