"""Which drawing stands for a product that has no picture: by its title, else by its shelf."""

from __future__ import annotations

from functools import lru_cache

from reseller.catalogue import Card
from reseller.shelves import plain

DRAWINGS = (
    ("c-cars", ("autoradio", "pneu", "batterie auto", "siege auto")),
    ("p-case", ("coque", "etui", "pochette", "protege ecran", "film")),
    ("p-memory", ("micro sd", "microsd", "carte memoire", "cle usb", "flash disk", "ssd ", "disque dur")),
    ("p-router", ("routeur", "router", "repeteur", "wi fi extender", "modem", "switch ")),
    ("p-curtain", ("rideau", "voilage", "store ")),
    ("p-ball", ("ballon", "football")),
    ("p-charger", ("chargeur", "charger", "adaptateur", "prise", "multiprise")),
    ("p-cable", ("cable", "hdmi", "rallonge")),
    ("p-battery", ("power bank", "powerbank", "batterie externe", "onduleur")),
    ("p-earbuds", ("ecouteur", "earbud", "airpod", "freepods", "buds")),
    ("c-audio", ("casque", "headphone", "kitman")),
    ("p-speaker", ("enceinte", "baffle", "haut parleur", "speaker", "barre de son")),
    ("p-tablet", ("tablette", "tablet", "ipad")),
    ("c-watches", ("montre", "smartwatch", "watch", "casio")),
    ("p-keyboard", ("clavier", "keyboard")),
    ("p-mouse", ("souris", "mouse")),
    ("p-printer", ("imprimante", "printer", "scanner")),
    ("p-cctv", ("surveillance", "camera ip", "camera wifi")),
    ("c-cameras", ("appareil photo", "camera", "drone")),
    ("c-tv", ("tv", "televis", "ecran", "moniteur", "monitor")),
    ("c-games", ("manette", "playstation", "ps5", "ps4", "xbox", "nintendo", "controller")),
    ("p-blocks", ("lego", "brique", "puzzle", "construction")),
    ("p-airfryer", ("air fryer", "airfryer", "friteuse")),
    ("c-kitchen", ("blender", "mixeur", "hachoir", "centrifugeuse")),
    ("p-mixer", ("robot", "petrin", "batteur")),
    ("p-coffee", ("cafetiere", "cafe ", "expresso", "machine a cafe", "coffee", "bouilloire", "the ")),
    ("p-pot", ("cocotte", "couscous", "casserole", "marmite", "poele", "faitout", "tajine")),
    ("p-plate", ("service de table", "assiette", "vaisselle", "porcelaine")),
    ("p-fridge", ("refrigerateur", "congelateur", "frigo")),
    ("p-washer", ("machine a laver", "lave linge", "lave vaisselle", "seche linge")),
    ("p-aircon", ("climatiseur", "clim ")),
    ("p-fan", ("ventilateur", "fan ")),
    ("p-vacuum", ("aspirateur", "vacuum")),
    ("p-bed", ("parure", "drap", "couette", "matelas", "oreiller", "lit ")),
    ("p-rug", ("tapis", "moquette")),
    ("p-lamp", ("lampe", "led ", "ampoule", "luminaire", "veilleuse", "lustre")),
    ("p-perfume", ("parfum", "eau de", "oud", "perfume")),
    ("p-drop", ("huile", "serum", "lotion", "oil")),
    ("p-tube", ("gel ", "creme", "dentifrice", "shampoing", "shampooing", "masque", "pommade")),
    ("p-broom", ("serpilliere", "detergent", "lessive", "javel", "nettoyant", "balai")),
    ("p-knife", ("couteau", "coupe legumes", "mandoline")),
    ("p-jar", ("confiture", "miel", "chocolat", "pate a tartiner", "olive", "sucre", "farine", "semoule", "lentille")),
    ("p-razor", ("tondeuse", "rasoir", "oneblade", "shaver")),
    ("p-dryer", ("seche cheveux", "lisseur", "dryer")),
    ("p-diaper", ("couche", "pampers", "diaper")),
    ("p-stroller", ("poussette", "stroller")),
    ("p-shoe", ("basket", "chaussure", "sneaker", "running", "sandale", "botte")),
    ("p-dress", ("robe", "karakou", "caftan", "jupe", "dress", "hijab")),
    ("p-bag", ("sac ", "sac a dos", "cartable", "valise", "bag")),
    ("p-bike", ("velo", "trottinette", "bike")),
    ("p-tent", ("tente", "camping", "tent ")),
    ("p-dates", ("datte", "deglet")),
    ("p-can", ("conserve", "bidon", "jus ", "lait")),
    ("p-drill", ("perceuse", "visseuse", "meuleuse", "drill")),
    ("c-computers", ("laptop", "pc portable", "ordinateur", "macbook", "ideapad", "notebook")),
    ("c-phones", ("smartphone", "iphone", "galaxy", "redmi", "telephone")),
)


def drawing(card: Card) -> str:
    """Name of the drawing in static/img/icons.svg."""
    return drawing_of(card.title, card.shelf)


@lru_cache(maxsize=4096)
def drawing_of(title: str, shelf: str) -> str:
    """The same for a title and the key of a shelf."""
    words = f" {plain(title)} "
    for name, beginnings in DRAWINGS:
        if any(f" {beginning}" in words for beginning in beginnings):
            return name
    return f"c-{shelf}"
