"""The shelves of our shop: the many category names of the marketplaces, brought under a few that shoppers know."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf: its key, used in addresses, and the beginnings of words that put a category on it."""

    key: str
    words: tuple[str, ...]


OTHER = "other"

SHELVES = (
    Shelf("audio", ("casque", "ecouteur", "audio", "enceinte", "earphone", "headphone", "speaker", "baffle", "hifi")),
    Shelf("watches", ("montre", "smartwatch", "watch", "bracelet connecte")),
    Shelf("cameras", ("camera", "photo", "drone", "camescope", "surveillance")),
    Shelf("games", ("jeux", "jouet", "gaming", "game", "toy", "console", "manette", "puzzle")),
    Shelf("tv", ("tv", "televis", "televiseur", "demodulateur", "home cinema", "projecteur", "projector")),
    Shelf(
        "phones",
        ("telephon", "smartphone", "tablet", "phone", "mobile", "chargeur", "coque", "power bank", "iphone", "cell"),
    ),
    Shelf(
        "computers",
        ("ordinateur", "informatique", "laptop", "portable", "comput", "pc", "imprim", "printer", "stockage",
         "clavier", "souris", "ecran", "monitor", "reseau", "composant", "peripherique", "usb", "disque"),
    ),
    Shelf(
        "kitchen",
        ("cuisine", "cuisson", "blender", "mixeur", "robot", "cafetiere", "kitchen", "friteuse", "grille", "casserole",
         "poele", "vaisselle", "ustensile", "petit electromenager", "cookware", "bouilloire", "hachoir"),
    ),
    Shelf(
        "appliances",
        ("electromenager", "refrigerateur", "machine", "lave", "climatis", "ventilateur", "congelateur", "aspirateur",
         "chauff", "appliance", "froid", "fer"),
    ),
    Shelf(
        "beauty",
        ("beaut", "hygiene", "sante", "parfum", "maquillage", "cosmet", "soin", "health", "cheveux", "rasage", "make"),
    ),
    Shelf("baby", ("bebe", "puericulture", "baby", "enfant", "couche", "poussette", "maternit")),
    Shelf(
        "fashion",
        ("mode", "vetement", "chaussure", "fashion", "sac", "bijou", "homme", "femme", "robe", "shoes", "clothing",
         "baskets"),
    ),
    Shelf("sport", ("sport", "fitness", "velo", "camping", "randonnee", "musculation", "loisir")),
    Shelf(
        "grocery", ("epicerie", "grocer", "alimenta", "boisson", "food", "cafe", "the", "drink", "biscuit", "entretien")
    ),
    Shelf("cars", ("automobile", "auto", "voiture", "moto", "vehicul", "car", "pneu")),
    Shelf("tools", ("outil", "bricolage", "tool", "perceuse", "jardin", "quincaillerie", "industr")),
    Shelf(
        "home",
        ("maison", "meuble", "linge", "literie", "decoration", "home", "rangement", "matelas", "rideau", "tapis",
         "luminaire", "salon"),
    ),
    Shelf("tv", ("electronique", "electronic")),
)  # fmt: skip
"""In the order in which they are tried on one category name."""

KEYS = (*dict.fromkeys(shelf.key for shelf in SHELVES), OTHER)
_LETTERS = str.maketrans("أإآٱةىـ", "ااااهي ")


def plain(text: str) -> str:
    """Lower case, without accents or Arabic vowel signs, one spelling of alef, ha and ya: `Télé` -> `tele`."""
    decomposed = unicodedata.normalize("NFD", text.lower().translate(_LETTERS))
    kept = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return re.sub(r"[^\w]+|_", " ", kept.replace("œ", "oe").replace("æ", "ae")).strip()


@lru_cache(maxsize=4096)
def shelf_of(category_path: str | None) -> str:
    """Key of the shelf for a path such as `Électronique > Audio > Casques`: its narrowest name that says something."""
    for name in reversed((category_path or "").split(" > ")):
        words = f" {plain(name)}"
        for shelf in SHELVES:
            if any(f" {beginning}" in words for beginning in shelf.words):
                return shelf.key
    return OTHER
