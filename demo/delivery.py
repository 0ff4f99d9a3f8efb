"""Where the shop delivers to, and for how much: invented, of the size that carriers ask."""

from __future__ import annotations

_NAMES = """Adrar, Chlef, Laghouat, Oum El Bouaghi, Batna, Béjaïa, Biskra, Béchar, Blida, Bouira, Tamanrasset, Tébessa,
Tlemcen, Tiaret, Tizi Ouzou, Alger, Djelfa, Jijel, Sétif, Saïda, Skikda, Sidi Bel Abbès, Annaba, Guelma, Constantine,
Médéa, Mostaganem, M'Sila, Mascara, Ouargla, Oran, El Bayadh, Illizi, Bordj Bou Arreridj, Boumerdès, El Tarf, Tindouf,
Tissemsilt, El Oued, Khenchela, Souk Ahras, Tipaza, Mila, Aïn Defla, Naâma, Aïn Témouchent, Ghardaïa, Relizane,
Timimoun, Bordj Badji Mokhtar, Ouled Djellal, Béni Abbès, In Salah, In Guezzam, Touggourt, Djanet, El M'Ghair,
El Meniaa"""
WILAYAS = dict(enumerate(_NAMES.replace("\n", " ").split(", "), start=1))
"""Names by official code, the 58 that the shop knows."""

_AROUND_ALGIERS = {9, 35, 42}
_SOUTH = {1, 8, 11, 33, 37, 49, 50, 52, 53, 54, 56, 58}


def fee(wilaya: int) -> int:
    """Delivery of one parcel to a wilaya, in dinars."""
    if wilaya == 16:
        return 200
    if wilaya in _AROUND_ALGIERS:
        return 300
    return 900 if wilaya in _SOUTH else 450
