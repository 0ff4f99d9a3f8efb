"""Amounts and reasons as people read them, in French, Arabic and English."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from reseller.pricing import Quote
from reseller.sentences import PRICES, VERDICTS

NARROW_SPACE = "\u202f"
SIGNS = {"fr": "DA", "ar": "دج", "en": "DA"}
LANGUAGES = tuple(SIGNS)
SENTENCES = {
    "fr": "À acheter : {units}. La pièce revient à {landed}, se vend {sale}, bénéfice attendu {profit} ({margin} %).",
    "ar": "للشراء: {units}. كلفة القطعة {landed}، بيعها {sale}، الربح المتوقع {profit} ({margin} %).",
    "en": "Buy {units}. Each costs {landed} landed, sells at {sale}, expected profit {profit} ({margin}%).",
}
MONEY = frozenset(
    {"price", "landed_cost", "reference_price", "sale_price", "unit_profit", "expected_profit", "downside", "loss",
     "old_price", "new_price", "floor", "ceiling", "reference", "target"}
)  # fmt: skip
UNKNOWN = "–"


def dinars(amount: Decimal, language: str = "fr") -> str:
    """`12 500 DA`: whole dinars, thousands apart by a narrow no-break space, Western digits."""
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return f"{whole:,}".replace(",", NARROW_SPACE) + "\u00a0" + SIGNS[language]


def reasons(
    why: dict[str, str], quote: Quote, quantity: int, chances: dict[str, str] | None = None
) -> dict[str, object]:
    """Why to buy, by language: the mart's reason, what it costs and brings, and what may go wrong."""
    return {
        language: " ".join(
            filter(
                None,
                [
                    _sentence(why.get(language, "")),
                    _economics(quote, quantity, language),
                    (chances or {}).get(language),
                ],
            )
        )
        for language in SENTENCES
    }


def verdict(key: str, numbers: Mapping[str, Any], why: Mapping[str, str] | None = None) -> dict[str, str]:
    """Why an offer is taken or not, by language: the mart's reason, then the sentence of the verdict."""
    return {
        language: " ".join(
            filter(None, [_sentence((why or {}).get(language, "")), fill(VERDICTS[key][language], numbers, language)])
        )
        for language in LANGUAGES
    }


def price_reason(key: str, numbers: Mapping[str, Any]) -> dict[str, str]:
    """Why one of our prices changed, or did not, by language."""
    return {language: fill(PRICES[key][language], numbers, language) for language in LANGUAGES}


def fill(sentence: str, numbers: Mapping[str, Any], language: str) -> str:
    """The sentence with its numbers as a person reads them: dinars whole, rates with two digits, `–` for what is
    unknown."""
    shown = _Shown({name: _shown(name, value, language) for name, value in numbers.items()})
    return sentence.format_map(shown)


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return UNKNOWN


def _shown(name: str, value: Any, language: str) -> str:
    if value is None:
        return UNKNOWN
    if name in MONEY:
        return dinars(Decimal(value), language)
    if name == "margin":
        return str((Decimal(value) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    if name.startswith("rate"):
        return _two_digits(float(value), language)
    if name.startswith("days"):
        return str(round(float(value)))
    return str(value)


def _two_digits(number: float, language: str) -> str:
    text = f"{number:.0f}" if number >= 10 else format(Decimal(f"{number:.2g}"), "f")
    return text if language == "en" else text.replace(".", ",")


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
