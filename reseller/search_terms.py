"""Words that shoppers type, and the words that titles use for the same thing.

Titles on the marketplaces are mostly French; shoppers also ask in Arabic, in Darija and in English.
"""

from __future__ import annotations

from reseller.shelves import plain

_GROUPS = (
    ("هاتف", "هواتف", "جوال", "بورتابل", "portable", "smartphone", "telephone", "phone", "tilifoun"),
    ("سماعة", "سماعات", "كيتمان", "ecouteur", "casque", "earbuds", "headphone", "kitman"),
    ("حاسوب", "كمبيوتر", "ميكرو", "لابتوب", "ordinateur", "laptop", "pc", "micro", "notebook"),
    ("تلفاز", "تلفزيون", "تلفزة", "television", "tv", "televiseur"),
    ("ثلاجة", "فريجيدار", "refrigerateur", "frigo", "fridge"),
    ("غسالة", "machine a laver", "lave linge", "washing machine"),
    ("مكيف", "كليماتيزور", "climatiseur", "clim", "air conditioner"),
    ("خلاط", "ميكسور", "blender", "mixeur", "mixer"),
    ("مقلاة هوائية", "قلاية", "friteuse", "air fryer", "airfryer"),
    ("قهوة", "cafe", "cafetiere", "coffee"),
    ("شاحن", "شارجور", "chargeur", "charger"),
    ("بطارية متنقلة", "powerbank", "power bank", "batterie externe"),
    ("ساعة", "montre", "watch", "smartwatch"),
    ("عطر", "parfum", "perfume", "riha"),
    ("حذاء", "سباط", "صباط", "chaussure", "basket", "shoes", "sneakers", "sabat"),
    ("قميص", "تريكو", "chemise", "t shirt", "tshirt", "shirt"),
    ("حفاظات", "ليكوش", "couches", "diapers"),
    ("لعبة", "العاب", "jouet", "toy"),
    ("زيت", "huile", "oil"),
    ("مكنسة", "اسبيراتور", "aspirateur", "vacuum"),
    ("طابعة", "imprimante", "printer"),
    ("كاميرا", "camera", "appareil photo"),
    ("لوحة", "طابلات", "tablette", "tablet"),
    ("فرن", "كوزينيار", "four", "cuisiniere", "oven"),
    ("دراجة", "فيلو", "velo", "bike"),
    ("سامسونغ", "samsung"),
    ("ايفون", "آيفون", "iphone", "apple"),
    ("شاومي", "xiaomi", "redmi"),
    ("كوندور", "condor"),
    ("اوبو", "oppo"),
)

_SAME: dict[str, tuple[str, ...]] = {}
for _group in _GROUPS:
    _words = tuple(plain(word) for word in _group)
    for _word in _words:
        _SAME[_word] = tuple(dict.fromkeys((_word, *_SAME.get(_word, ()), *_words)))


def words(query: str) -> list[tuple[str, ...]]:
    """The words of a query, each with the others that mean the same; at most eight, the rest is dropped."""
    typed = plain(query).split()[:8]
    return [_SAME.get(word) or _SAME.get(_without_article(word)) or (_without_article(word),) for word in typed]


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word
