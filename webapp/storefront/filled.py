"""What a guest wrote into the checkout form, and what is wrong with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Self

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from reseller import places, sales
from reseller.refusals import Refused

ALGIERS = 16
"""Where most parcels go: the wilaya before another is chosen."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The form's fields as they were written; `wilaya` and `quantity` as numbers, `key` empty where it is none."""

    name: str
    phone: str
    wilaya: int
    is_wilaya_known: bool
    commune: str
    address: str
    quantity: int
    key: str

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> Self:
        """Reads a form or the query of an address."""
        texts = {name: _tidy(form.get(name, "")) for name in ("name", "phone", "commune", "address")}
        wilaya = places.wilaya(form.get("wilaya", ""))
        quantity = form.get("quantity", 1, type=int)
        return cls(
            wilaya=wilaya or ALGIERS,
            is_wilaya_known=wilaya is not None,
            quantity=min(max(quantity, 1), sales.MOST_UNITS),
            key=_uuid(form.get("key", "")),
            **texts,
        )

    def errors(self) -> dict[str, str]:
        """What a person should mend, by field."""
        wrong: dict[str, str] = {}
        if len(self.name) < 2 or not any(sign.isalpha() for sign in self.name):
            wrong["name"] = _("Write your name, so that the courier can ask for you.")
        try:
            places.phone(self.phone)
        except Refused:
            wrong["phone"] = _("A mobile number has 10 digits and begins with 05, 06 or 07.")
        if not self.is_wilaya_known:
            wrong["wilaya"] = _("Choose your wilaya.")
        elif places.commune(self.wilaya, self.commune) is None:
            wilaya = places.wilayas()[self.wilaya - 1]
            wrong["commune"] = _("Choose a commune of %(wilaya)s.", wilaya=f"{wilaya.fr} · {wilaya.ar}")
        if len(self.address) < 4:
            wrong["address"] = _("Write the street and the house, or a landmark.")
        for name in sales.LONGEST:
            if len(getattr(self, name)) > sales.LONGEST[name]:
                wrong[name] = _("At most %(most)s characters.", most=sales.LONGEST[name])
        if not self.key:
            wrong["form"] = _("The form was not complete. Check it and order again.")
        return wrong

    def contact(self) -> sales.Contact:
        """To whom the order goes; the commune under its official name."""
        commune = places.commune(self.wilaya, self.commune)
        return sales.Contact(self.name, self.phone, commune.fr if commune else self.commune, self.address)


def _tidy(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:400]


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
