"""Amounts and reasons as people read them, in French, Arabic and English."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from reseller.pricing import Quote

NARROW_SPACE = "\u202f"
SIGNS = {"fr": "DA", "ar": "دج", "en": "DA"}
SENTENCES = {
    "fr": "À acheter : {units}. La pièce revient à {landed}, se vend {sale}, bénéfice attendu {profit} ({margin} %).",
    "ar": "للشراء: {units}. كلفة القطعة {landed}، بيعها {sale}، الربح المتوقع {profit} ({margin} %).",
    "en": "Buy {units}. Each costs {landed} landed, sells at {sale}, expected profit {profit} ({margin}%).",
}


def dinars(amount: Decimal, language: str = "fr") -> str:
    """`12 500 DA`: whole dinars, thousands apart by a narrow no-break space, Western digits."""
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return f"{whole:,}".replace(",", NARROW_SPACE) + "\u00a0" + SIGNS[language]


def reasons(why: dict[str, str], quote: Quote, quantity: int) -> dict[str, object]:
    """Why to buy, by language: the mart's reason, then what it costs and brings."""
    return {
        language: " ".join(filter(None, [_sentence(why.get(language, "")), _economics(quote, quantity, language)]))
        for language in SENTENCES
    }


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text}." if text and text[-1] not in ".!?؟" else text


def _economics(quote: Quote, quantity: int, language: str) -> str:
    return SENTENCES[language].format(
        units=quantity,
        landed=dinars(quote.landed.total, language),
        sale=dinars(quote.sale_price, language),
        profit=dinars(quote.profit, language),
        margin=(quote.margin * 100).quantize(Decimal(1), ROUND_HALF_UP),
    )
