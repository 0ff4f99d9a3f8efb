"""Algeria's wilayas and communes (reform of 2025, 69 wilayas), and telephone numbers as Algerians write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import algeria_wilayas_communes as divisions

from reseller.refusals import Refused
from reseller.shelves import plain

PHONE = re.compile(r"(?:\+213|00213|213)?0?([567]\d{8})")
BETWEEN_DIGITS = re.compile(r"[\s.\-/()_\u2010-\u2015\u2212\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A wilaya or a commune: its official number (of a commune, that of its wilaya) and its names."""

    wilaya: int
    fr: str
    ar: str

    def name(self, language: str) -> str:
        """The name in Arabic, or in Latin letters."""
        return self.ar if language == "ar" else self.fr


@lru_cache
def wilayas() -> tuple[Place, ...]:
    """All wilayas, by number."""
    rows = sorted(divisions.get_wilayas(), key=lambda row: row["wilaya_num"])
    return tuple(Place(row["wilaya_num"], row["nom_fr"], row["nom_ar"]) for row in rows)


@lru_cache
def communes(wilaya: int) -> tuple[Place, ...]:
    """The communes of a wilaya, by their French names; none of a wilaya that there is not."""
    rows = (row for row in divisions.get_communes() if row["wilaya_num"] == wilaya)
    return tuple(sorted((Place(wilaya, row["nom_fr"], row["nom_ar"]) for row in rows), key=lambda one: one.fr))


def wilaya(text: str) -> int | None:
    """A wilaya's number, written in any digits; None where there is none such."""
    digits = _western(text).strip()
    number = int(digits) if digits.isdecimal() and len(digits) <= 3 else 0
    return number if 1 <= number <= len(wilayas()) else None


def commune(wilaya: int, text: str) -> Place | None:
    """The commune of a wilaya that is meant by a name, in either script and any capitals or accents."""
    wanted = plain(text)
    return next((one for one in communes(wilaya) if wanted and wanted in (plain(one.fr), plain(one.ar))), None)


def phone(text: str) -> str:
    """A mobile number as +213 and nine digits: `0550 12 34 56`, `+213 (0) 550.12.34.56`, in any digits.

    Raises:
        Refused: `bad_value`, it is no Algerian mobile number (05, 06 or 07).
    """
    found = PHONE.fullmatch(BETWEEN_DIGITS.sub("", _western(text)))
    if not found:
        raise Refused(
            "bad_value", "A mobile number of Algeria begins with 05, 06 or 07 and has 10 digits.", field="phone"
        )
    return f"+213{found[1]}"


def _western(text: str) -> str:
    """The text with every script's digits as 0 to 9."""
    return "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in text)
