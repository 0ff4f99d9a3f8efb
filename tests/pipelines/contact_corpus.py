"""A labelled corpus: texts with a contact in them, made by combination, and texts that only look so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

MOBILES = ("550", "540", "555", "561", "656", "660", "661", "696", "698", "770", "771", "779", "790", "799")
LANDLINES = ("21", "23", "24", "25", "26", "27", "29", "31", "33", "34", "36", "38", "41", "43", "45", "46", "48", "49")
DIGITS = {
    "latin": "0123456789",
    "arabic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
    "full-width": "".join(chr(0xFF10 + value) for value in range(10)),
    "keycaps": "".join(f"{value}\ufe0f\u20e3" for value in range(10)),
}
MOBILE_FORMATS = (
    "0{a}{b}{c}{d}",
    "0{a} {b} {c} {d}",
    "0{a}.{b}.{c}.{d}",
    "0{a}-{b}-{c}-{d}",
    "0{a}/{b}/{c}/{d}",
    "0{a},{b},{c},{d}",
    "0{a}_{b}_{c}_{d}",
    "0{a}  {b}  {c}  {d}",
    "0{a} - {b} - {c} - {d}",
    "0{a}\u00a0{b}\u202f{c}\u200b{d}",
    "(0{a}) {b}{c}{d}",
    "+213{a}{b}{c}{d}",
    "+213 {a} {b} {c} {d}",
    "+213 (0) {a} {b} {c} {d}",
    "+213-{a}-{b}-{c}-{d}",
    "(+213) {a} {b}{c}{d}",
    "00213{a}{b}{c}{d}",
    "00213 {a} {b} {c} {d}",
    "213{a}{b}{c}{d}",
    "0{a} ☎ {b} 📞 {c} {d}",
    "0{a} svp {b} {c} {d}",
    "[0{a}] {b} {c} {d}",
    "0.{a}.{b}.{c}.{d}",
)
PAIRED_FORMATS = (
    "{} {} {} {} {}",
    "{}.{}.{}.{}.{}",
    "{}-{}-{}-{}-{}",
    "{}:{}:{}:{}:{}",
    "{}*{}*{}*{}*{}",
    "{} | {} | {} | {} | {}",
)
LANDLINE_FORMATS = (
    "0{a} {b} {c} {d}",
    "0{a}{b}{c}{d}",
    "0{a}.{b}.{c}.{d}",
    "(0{a}) {b}-{c}-{d}",
    "+213 {a} {b} {c} {d}",
    "+213{a}{b}{c}{d}",
)
SENTENCES = (
    "Appelez le {}, merci",
    "{}",
    "iPhone 13 128GB {} Alger",
    "Prix 25 000 DA, tel : {}",
    "للاتصال {} شكرا",
    "N°{}.",
)

OTHER_NUMBERS = (
    *(
        "+33 6 12 34 56 78",
        "+33612345678",
        "0033 6 12 34 56 78",
        "+32 470 12 34 56",
        "+44 7700 900123",
        "+1 514 555 0199",
    ),
    *("+212 6 61 23 45 67", "+216 98 123 456", "+966 50 123 4567", "+971 50 123 4567", "+90 532 123 45 67"),
    *("O555 12 34 56", "o661 12 34 56", "0555 12 34 5O", "055O 12 34 56", "O6 6l 12 34 56"),
    *("0 5 5 5 1 2 3 4 5 6", "0.5.5.5.1.2.3.4.5.6", "0-6-6-1-1-2-3-4-5-6", "05 50 svp 12 34 56", "05 50 ou 12 34 56"),
    *(
        "Tél 555 12 34 56",
        "tel: 770123456",
        "WhatsApp : 661 12 34 56",
        "viber 550-12-34-56",
        "appelez moi au 798 12 34 56",
    ),
    *("Mob : 550-123-456", "mobile 550123456", "num:550123456", "Contact 550 12 34 56", "contact : 21 45 67 89"),
    *("0550,123,456", "0550;123;456", "0550:123:456", "0 5 50 12 34 56", "0 66 12 34 56 7", "0,5,5,0,1,2,3,4,5,6"),
    *("0550123456,0661123456", "0550.12.34.56.0661.12.34.56", "0550 12 34 56,021 45 67 89"),
    *("055.012.345.6", "0550 1 2 3 4 5 6", "05501234560661234567", "⁰⁵⁵⁰¹²³⁴⁵⁶", "⁰⁵⁵⁰ ¹² ³⁴ ⁵⁶", "₀₅₅₀₁₂₃₄₅₆"),
    *(
        "0550 12 34 56DA",
        "0550123456 DA",
        "tel 0650000000 DA",
        "0550&nbsp;12&nbsp;34&nbsp;56",
        "0550<br>12<br>34<br>56",
    ),
    *("هاتف 555123456", "واتساب: ٦٦١١٢٣٤٥٦", "اتصل على 770 12 34 56", "0982 30 12 34", "0550123456/0661123456"),
)
ADDRESSES = (
    *(
        "ali.b@gmail.com",
        "ali@mail.univ-alger.dz",
        "ALI_B+X@YAHOO.FR",
        "ali @ gmail . com",
        "ali@ gmail.com",
        "ali @gmail.com",
    ),
    *(
        "ali[at]gmail.com",
        "ali (at) gmail (dot) com",
        "ali [at] gmail [dot] com",
        "ali {at} gmail {dot} com",
        "ali@gmail",
    ),
    *("ali arobase gmail point com", "ali arobase gmail.com", "ali(arobase)yahoo(point)fr", "ali at gmail dot com"),
    *("ali(a)gmail.com", "ali (a) boutique.dz", "ali_at_gmail.com", "ali-at-gmail-dot-com", "ali#gmail.com"),
    *("ali&#64;gmail.com", "ali%40gmail.com", "tel:0550123456", "sms:+213555123456"),
    *("ali at yahoo.fr", "ali à gmail point com", "ali＠gmail．com", "ali hotmail.com", "ali@boutique-alger.dz"),
    *(
        "wa.me/213555123456",
        "https://wa.me/213555123456?text=Salam",
        "https://api.whatsapp.com/send?phone=213555123456",
    ),
    *("https://chat.whatsapp.com/AbCdEf", "t.me/ali_vend", "https://t.me/ali_vend", "telegram.me/ali_vend"),
    *(
        "viber://chat?number=%2B213555123456",
        "tel:+213555123456",
        "mailto:ali@x.dz",
        "m.me/ali.vend",
        "fb.com/ali.vend",
    ),
    *("https://www.facebook.com/ali.vend", "facebook.com/profile.php?id=1000123", "https://instagram.com/ali.vend"),
    *("https://www.tiktok.com/@ali.vend", "linktr.ee/ali", "@ali_vend", "Insta : ali.vend", "Instagram: @ali_vend"),
    *("fb: Ali Bensalem", "Facebook : Ali Bensalem", "snap: ali.vend16", "telegram @ali_vend", "انستا: ali_vend"),
)
INNOCENT = """\
25 000 000 DA|1 250 000 000 DA|1 025 000 000 DA|Prix 12 500 DA au lieu de 15 000 DA|2 050 000 000 DA
65 000 000 centimes|12 500,00 DA|1.250.000 DA|350000 DA négociable|850 millions|1 milliard 200
à partir de 4 500 000 000|Prix: 0,00 DA|450 000 450 000|SM-A515F/DSN|SM-G998B|Core i5-10400F
Core i7 12700H 2.3GHz 16GB|RTX 3060 12GB 192 bits|RTX 4070 Ti 12GB GDDR6X 192-bit|GTX 1660 6GB
Ryzen 5 5600X 3.7 4.6 GHz|DDR4 3200 16GB 2x8|iPhone 13 128GB|Redmi Note 12 4/128|Galaxy A05 4+64
Galaxy A06 6/128 5000mAh|T450s 8 256|Samsung Galaxy A16 4-128G Gris - 2 ans de Garantie|HP 250 G8 15.6 1920x1080
Dell 5520 i7 1165G7 16 512|Canon MF3010|Epson L3250|1920x1080|3840x2160 60Hz|2560 x 1440 165 Hz 1 ms|800x600x400 mm
600 45 40 30 mm|Dimensions 120 x 60 x 75 cm|15,6 pouces|0,5 x 20 x 30 x 40|Lampe 0.5 1.0 1.5 2.0 2.5 m
Vis 0,5 x 20 x 30 x 40 x 50|02.50 03.75 1|05.50 06.75 12|0.25 0.30 0.35 0.40|tailles 36 37 38 39 40 41 42
Tailles 06 08 10 12 14 ans|02 04 06 08 10 12|04 06 08 10 12 14 16|0-3 3-6 6-9 9-12 mois|0-6 6-12 12-18 18-24 mois
06 mois 12 18 24 36|05-06-2026 12:30|05/06/2026 12 places|2026-05-01 12:00|2026-05-01 12:00:00
01/02/2024 - 05/06/2025|Le 06.07.2025 à 14h30|07 05 2026 08 00|de 08:00 à 17:00|06:00 - 22:00 7/7|07:30-19:30 6j
24h/24 7j/7|08h30 12h00 13h30 17h00|Ouvert 09:00 18:00 samedi 09:00 12:00|06:30 07:45 08:15|IMEI 352099001761481
EAN 6130234001234|ISBN 978-2-07-036822-8|3760123456789|6132500012345|UPC 036000291452|704966862055512345678
0123456789012|https://www.ouedkniss.com/telephones-iphone-13-alger-d39785675|d39785675|SA948MP6VES8SNAFAMZ-704966862
réf 2024-1123|Lot 12/2024|prix 12.0555123456|12,0555123456|192.168.0.1 255.255.255.0|v10.0.19045.3803|1 000 000 000
999 999 999|10 000 000 km|Peugeot 208 1.6 HDI 92|Clio 4 2014 120 000 km|Golf 7 2.0 TDI 150 2016 180000
F3 75 m² 3ème étage|Terrain 250 m2 façade 12|300 000 DA/m2|R+2 120m² 4 façades|Year 1998 1999 2000 2001
2019 2020 2021 2022|4K 8K 2160p 1080p|50/60 Hz 220-240 V|100-240V 50-60Hz 1.5A|12V 5A 60W|20000 mAh 22.5W
5000 mAh 6.5 50MP 8MP 2MP|Téléphone 8 GB 128 5000 mAh|Téléphone 6.5 pouces 5000 mAh|Call of Duty 2 3 4|Tel Aviv 2024
PC portable 15.6 512 16|Smart TV 43 4K 2023|Galaxy 4+128 5000 6000|RAM +128 5000 6000|8+256|3 en 1 4 en 1 5 en 1
1 à 2 ou 3 à 4 pièces|Pack 6 12 24 48|50 x 100 x 200|RTX 3080 @ 1710 MHz|i5 @ 2.40GHz|Disponible at home|mail rapide
Livraison 58 wilayas|Samsung/LG/Sony|Full HD/4K|USB 3.0/2.0|Garantie : 12 mois|Android 13/14|MacBook Pro/Air M1
4GB/64GB|Bluetooth 5.0/5.3|Netflix, YouTube, Facebook|Facebook et Instagram inclus|Live 2024|Hotmail|O Positif 5
tel:écran 6.5|tel:samsung S21|tel:128GB|tel:5G|facebook: oui|FB: non|whatsapp: oui|@home deco|Snap: on
mobile 64 128 256 6.5|021 300 000 DA|021 99 99 99 DA|0650000000 DA|0780000000 centimes|06 500 000 DA
contact 25 000 000 DA|06 12 24 36 48 mois|0 6 12 18 24 36|0 6 12 18 24 36 mois|0550 8 256 15.6|0550 16 256 8
Mobile 32 64 128 6|0,5 1,5 2,5 3,5 4,5
1,250,000 0,500,000|120 m² 05 12 34|75 m² 0 1 2 3 4 5|Black & Decker 100% coton|mob 5000 mah 64 128
num 550 123 DA|Contact 12 34 56"""


def contacts() -> Iterator[tuple[str, str]]:
    """(text, contact in it): every prefix, format and digit system at least once, numbers and sentences by turns."""
    sentences, rest = (
        cycle(SENTENCES),
        cycle((("12", "34", "56"), ("00", "11", "22"), ("98", "76", "54"), ("47", "09", "31"))),
    )
    systems = cycle(DIGITS.values())
    for form in MOBILE_FORMATS:
        for prefix in MOBILES:
            b, c, d = next(rest)
            yield _said(next(sentences), form.format(a=prefix, b=b, c=c, d=d), next(systems))
    for form in PAIRED_FORMATS:
        for prefix in MOBILES:
            pairs = (f"0{prefix[0]}", prefix[1:], *next(rest))
            yield _said(next(sentences), form.format(*pairs), next(systems))
    for form in LANDLINE_FORMATS:
        for prefix in LANDLINES:
            b, c, d = next(rest)
            yield _said(next(sentences), form.format(a=prefix, b=b, c=c, d=d), DIGITS["latin"])
    for contact in (*OTHER_NUMBERS, *ADDRESSES):
        yield _said("Vends PC 512Go, {} merci", contact, DIGITS["latin"])


def _said(sentence: str, contact: str, digits: str) -> tuple[str, str]:
    width = len(digits) // 10
    there = {str(value): digits[value * width : (value + 1) * width] for value in range(10)}
    written = "".join(there.get(sign, sign) for sign in contact) if width > 1 or digits[0] != "0" else contact
    return sentence.format(written), written


def innocents() -> list[str]:
    """Texts in which nothing is to be removed."""
    return [text for line in INNOCENT.splitlines() for text in line.split("|")]
