"""Finds telephone numbers in a text, however they are written: any digits, any grouping, signs or a word in between.

A number is a row of groups of digits. Which rows are numbers is said by their digits; that a row is a price, a date
or a list of sizes is said by its grouping.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

Span = tuple[int, int]


class Group(NamedTuple):
    """Digits that stand together: where, and what."""

    start: int
    end: int
    digits: str


# Between groups stands nothing that counts, encloses or compares: no letter, money, markup, code.
_GAP = r"(?:[^\w%=€$£₦₵\"<>{}\[\]&?#@\\:;,]|[_ـ]|[:;,](?=\s?\d{1,3}(?!\d))|\](?=\s?\d\d)){0,4}"
_DIGITS = r"[0-9]"
_RUN = re.compile(rf"{_DIGITS}(?:{_GAP}{_DIGITS}){{7,}}")
_RUN_WITH_A_WORD = re.compile(
    rf"0[5-7](?:{_GAP}{_DIGITS}){{0,7}}[\W_]{{0,3}}(?P<word>[^\W\d_]{{2,9}})[\W_]{{0,3}}{_DIGITS}(?:{_GAP}{_DIGITS}){{1,7}}"
)
_GROUP = re.compile(r"[0-9]+")
# A digit's keycap, and what no eye sees.
_UNSEEN = re.compile("[\ufe0f\u20e3\u200b-\u200f\u2060\ufeff\u00ad]")
# As bytes, for the cheap test: what may be a digit, what may stand between two, and everything else.
_EIGHT = b"0" * 8
_BETWEEN = bytes(
    sign for sign in range(256) if sign > 127 or not (chr(sign).isalnum() or chr(sign) in '%=€$"<>{}[&?#@\\')
)
_DIGIT_OR_NOT = bytes(ord("0") if chr(sign) in "0123456789oOlI" else ord("x") for sign in range(256))
_RAISED = "⁰¹²³⁴-⁹₀-₉"
_FOREIGN_DIGIT = re.compile(f"[٠-٩۰-۹०-९০-৯０-９①-⑨⓪❶-❾➀-➈\U0001d7ce-\U0001d7ff{_RAISED}]")
_RAISED_DIGIT = re.compile(f"[{_RAISED}]")
_LONE_O = re.compile(r"[oO](?<![^\W\d_][oO])(?![^\W\d_])")
_L_AMONG_DIGITS = re.compile(r"[lI](?<![^\W\d_][lI])(?![^\W\d_])")

_MOBILE = re.compile(r"0(?:[5-7]\d|98)\d{7}")
_LANDLINE = re.compile(r"0[2-4]\d{7}")
_COUNTRY_CODE = re.compile(r"(?:00)?2130?(?:[5-7]\d{8}|98\d{7})|002130?[2-4]\d{7}")
_ABROAD = "20|212|216|218|22[0-9]|23[0-9]|3[0-4]|35[1-9]|36|39|4[0-9]|5[1-8]|6[0-6]|7|8[1-6]|9[0-58]|96[1-8]|97[0-4]"
_AFTER_A_PLUS = re.compile(rf"2130?(?:[5-79]\d{{8}}|[2-4]\d{{7}})|(?:{_ABROAD})\d{{8,11}}|1\d{{10}}")
_AMERICAN_START = frozenset([1, 4, 11])
_AFTER_NOUGHTS = re.compile(rf"00(?:{_ABROAD})\d{{8,11}}")
_SHORT = re.compile(r"[5-7]\d{8}|[2-4]\d{7}|2130?[2-4]\d{7}")
_GLUED = re.compile(r"(?:0[5-7]\d{8}){2,4}")
_BEGINNING = re.compile(r"0(?<!\d0)[\W_]{0,4}[02-79]|\+|213")
_WORDS = (
    r"(?:\bt[ée]l(?:[ée]phone)?|\bgsm|\bfax|\bmob(?:ile)?|\bnum(?:[ée]ro)?|\bappel(?:e[rz])?|\bcall|\bcontact(?:e[rz])?|\bwh?ats?\s?[au]pp?|\bwh?tsa?p|\bviber"
    r"|\bimo|هاتف|تصل(?:وا)?|تصال|واتس(?:\s?[اآ]ب)?|فايبر|جوال|نقال)"
)
_ANNOUNCED = re.compile(
    _WORDS + r"[\W_]{0,3}(?:(?:au|le|moi|us|on|me|num[ée]ro|num|n|على|بنا|بي|الرقم|رقم)\b[\W_]{0,3}){0,2}$",
    re.IGNORECASE,
)
_ANNOUNCEMENT = re.compile(_WORDS, re.IGNORECASE)
_LANDLINE_GROUPS = frozenset(
    [
        *((9,), (3, 6), (3, 3, 3), (3, 2, 2, 2), (3, 2, 4), (3, 4, 2), (5, 4), (5, 2, 2), (4, 5), (1, 8), (2, 7)),
        *((1, 2, 2, 2, 2), (2, 2, 2, 2, 1), (2, 3, 2, 2), (2, 1, 2, 2, 2), (1,) * 9),
    ]
)
_SHORT_GROUPS = frozenset(
    [
        *((9,), (3, 6), (3, 3, 3), (3, 2, 2, 2), (3, 2, 4), (3, 4, 2), (1, 2, 2, 2, 2), (1, 8), (1,) * 9),
        *((8,), (2, 6), (2, 2, 2, 2), (2, 3, 3), (4, 4), (1,) * 8),
    ]
)
_MONEY = re.compile(
    r"[\W_]{0,2}(?:DA\b|DZD|D\.A|دج|dinars?|€|\$|Dhs|FCFA|F?CFA|KSh|₦|millions?|milliards?|centimes?)", re.I
)
_UNIT = re.compile(
    r"(?:(?:mah|gb|go|mb|mo|tb|to|mm|cm|kg|g?hz|mhz|w|v)|\s{0,2}(?:mois|ans|jours|semaines|pouces|pi[èe]ces|pcs))(?![^\W\d_])",
    re.I,
)
_UNITS = frozenset(
    [
        *("go", "gb", "mo", "mb", "to", "tb", "ram", "mah", "cm", "mm", "kg", "gr", "ml", "mhz", "ghz", "hz", "watts"),
        *("mois", "ans", "jours", "pouces", "da", "dzd", "dinars", "litres", "lots", "pcs"),
    ]
)


def _latin(found: re.Match[str]) -> str:
    return str(unicodedata.digit(found[0]))


def _latin_unless_raised(found: re.Match[str]) -> str:
    """The 2 of m² is no digit of a number."""
    return found[0] if _RAISED_DIGIT.match(found[0]) else _latin(found)


def plain(text: str) -> str:
    """The text with digits of every script, and an O or an l that stands for one, as 0-9; sign for sign."""
    if not text.isascii() and _FOREIGN_DIGIT.search(text):
        text = _FOREIGN_DIGIT.sub(_latin if len(_RAISED_DIGIT.findall(text)) >= 8 else _latin_unless_raised, text)
    return _L_AMONG_DIGITS.sub("1", _LONE_O.sub("0", text))


def _may_hold_one(text: str) -> bool:
    """A cheap test that no text with a number fails: eight digits with no letter or sign of code between them."""
    if _EIGHT in text.encode("utf-8", "replace").translate(_DIGIT_OR_NOT, _BETWEEN):
        return True
    return not text.isascii() and _FOREIGN_DIGIT.search(text) is not None


def phones(text: str) -> list[Span]:
    """Where telephone numbers stand in a text, in order, without overlap."""
    if not text.isascii() and _UNSEEN.search(text):
        seen = [place for place, sign in enumerate(text) if not _UNSEEN.match(sign)]
        places = [*seen, len(text)]
        return [(places[start], places[end]) for start, end in _phones("".join(text[place] for place in seen))]
    return _phones(text)


def _phones(text: str) -> list[Span]:
    whole = _may_hold_one(text)
    if not whole and not (("05" in text or "06" in text or "07" in text) and _RUN_WITH_A_WORD.search(text)):
        return []
    flat = plain(text)
    found: list[Span] = []
    runs = list(_RUN.finditer(flat)) if whole else []
    if runs and (_BEGINNING.search(flat) or _ANNOUNCEMENT.search(flat)):
        for run in runs:
            found += _in_run(flat, *run.span(), follows=bool(found) and found[-1][1] == run.start() - 1)
    for run in _RUN_WITH_A_WORD.finditer(flat):
        if run["word"].lower() not in _UNITS and not any(
            start < run.end() and run.start() < end for start, end in found
        ):
            found += _broken(flat, run)
    return sorted(found)


def _groups(flat: str, start: int, end: int) -> list[Group]:
    return [Group(one.start(), one.end(), one[0]) for one in _GROUP.finditer(flat, start, end)]


def _broken(flat: str, run: re.Match[str]) -> list[Span]:
    groups = _groups(flat, run.start(), run.end())
    while groups and sum(len(group.digits) for group in groups) > 10:
        groups.pop()
    lengths = tuple(len(group.digits) for group in groups)
    if lengths not in ((2,) * 5, (4, 2, 2, 2), (4, 6), (4, 3, 3)) or _is_series(groups):
        return []
    before = flat[run.start() - 1 : run.start()]
    return [] if before.isdigit() or not _MOBILE.fullmatch(_joined(groups)) else [(groups[0].start, groups[-1].end)]


def _in_run(flat: str, start: int, end: int, follows: bool) -> Iterator[Span]:
    groups = _groups(flat, start, end)
    first = 0
    while first < len(groups):
        last = _end_of_phone(flat, groups, first, follows)
        follows = last is not None
        if last is not None:
            begun = groups[first].start
            yield begun - (flat[begun - 1 : begun] == "+"), groups[last].end
        first = first + 1 if last is None else last + 1


def _end_of_phone(flat: str, groups: list[Group], first: int, follows: bool) -> int | None:
    """The last group of the number that begins with `first`; None if none does.

    Args:
        follows: whether the group before is the end of another number.
    """
    if _GLUED.fullmatch(groups[first].digits):
        return first
    return next((last for last in _ends(groups, first) if _is_phone(flat, groups, first, last, follows)), None)


def _ends(groups: list[Group], first: int) -> list[int]:
    """The groups with which a number that begins with `first` could end, the longest number first."""
    ends, length = [], 0
    for index in range(first, len(groups)):
        length += len(groups[index].digits)
        if length > 16:
            break
        if length >= 8:
            ends.append(index)
    return ends[::-1]


def _joined(groups: list[Group]) -> str:
    return "".join(group.digits for group in groups)


def _is_phone(flat: str, groups: list[Group], first: int, last: int, follows: bool) -> bool:
    chosen = groups[first : last + 1]
    digits = _joined(chosen)
    begun = chosen[0].start
    if flat[begun - 1 : begun] == "+" and not (begun > 1 and flat[begun - 2].isalnum()):
        american = digits[0] == "1" and len(chosen[0].digits) not in _AMERICAN_START
        return not american and _AFTER_A_PLUS.fullmatch(digits) is not None
    if _COUNTRY_CODE.fullmatch(digits):
        return True
    if not follows and flat[begun - 1 : begun] in (".", ",") and flat[begun - 2 : begun - 1].isdigit():
        return False  # what stands behind the point of a number
    if _MOBILE.fullmatch(digits):
        amount = _is_dated(flat, groups, first, last) or _is_amount(flat, chosen)
        return not amount and _is_grouped_as_mobile(flat, chosen)
    if _LANDLINE.fullmatch(digits):
        return not _is_amount(flat, chosen) and _is_grouped_as_landline(flat, groups, first, last)
    if _AFTER_NOUGHTS.fullmatch(digits):
        return flat[begun - 1 : begun] not in ("-", "_", ".")
    return _SHORT.fullmatch(digits) is not None and _is_announced(flat, begun) and _is_short(flat, chosen, digits)


def _is_announced(flat: str, begun: int) -> bool:
    return _ANNOUNCED.search(flat, max(0, begun - 40), begun) is not None


def _is_amount(flat: str, groups: list[Group]) -> bool:
    """06 12 24 36 48 mois, 021 99 99 99 DA, 0650000000 DA: what a unit follows, or money and nobody announces it.

    Ten digits that are not round are no price, whatever follows them.
    """
    end, digits = groups[-1].end, _joined(groups)
    if _UNIT.match(flat, end):
        return True
    may_be_money = len(digits) < 10 or digits.endswith("000")
    return may_be_money and _MONEY.match(flat, end) is not None and not _is_announced(flat, groups[0].start)


def _is_short(flat: str, groups: list[Group], digits: str) -> bool:
    """A number that is announced and lacks its first nought."""
    if digits.startswith("213") and len(digits) > 9:
        return True
    lengths = tuple(len(group.digits) for group in groups)
    end = groups[-1].end
    return lengths in _SHORT_GROUPS and not (_is_series(groups) or _MONEY.match(flat, end) or _UNIT.match(flat, end))


def _separators(flat: str, groups: list[Group]) -> list[str]:
    return [flat[one.end : two.start] for one, two in pairwise(groups)]


def _is_series(groups: list[Group]) -> bool:
    """06 08 10 12 14: sizes, ages, measures."""
    values = [int(group.digits) for group in groups]
    steps = {two - one for one, two in pairwise(values)}
    return len(groups) >= 4 and len(steps) == 1 and steps != {0}


def _is_grouped_as_mobile(flat: str, groups: list[Group]) -> bool:
    between = _separators(flat, groups)
    lengths = tuple(len(group.digits) for group in groups)
    alike = len(set(between)) <= 1
    if _is_series(groups) or (":" in between and not alike):
        return False
    if set(lengths) == {1}:
        return alike
    if lengths[0] == 1:
        return _is_after_a_lone_nought(groups, lengths, between)
    if 1 in lengths and not (alike and _ends_in_single_digits(lengths)):
        return False
    alternating = len(between) == 4 and between[0] == between[2] != between[1] == between[3]
    return not (alternating and set(lengths) == {2} and between[0] in ".,")


def _is_after_a_lone_nought(groups: list[Group], lengths: tuple[int, ...], between: list[str]) -> bool:
    if between[0] in (".", ","):  # 0.5 is a number of its own
        return lengths == (1, 3, 2, 2, 2) and len(set(between)) == 1
    if lengths in ((1, 1, 2, 2, 2, 2), (1, 2, 2, 2, 2, 1)):
        values = [int(group.digits) for group in groups]
        return len(set(between)) == 1 and values != sorted(values)
    return lengths[1] >= 3


def _ends_in_single_digits(lengths: tuple[int, ...]) -> bool:
    """055 012 345 6 and 0550 1 2 3 4 5 6, but not 0550 8 256 15 nor 0550 16 256 8."""
    longer = lengths[: lengths.index(1)]
    return set(lengths[len(longer) :]) == {1} and not {2, 3} <= set(longer[1:])


def _is_grouped_as_landline(flat: str, groups: list[Group], first: int, last: int) -> bool:
    chosen = groups[first : last + 1]
    between = _separators(flat, chosen)
    lengths = tuple(len(group.digits) for group in chosen)
    if lengths not in _LANDLINE_GROUPS or len(set(between[1:])) > 1 or _is_series(chosen):
        return False
    if lengths[0] == 1 and (len(set(between)) > 1 or between[0] in (".", ",")):
        return False
    return not (lengths == (3, 3, 3) and first > 0 and chosen[-1].digits == "000")


def _is_dated(flat: str, groups: list[Group], first: int, last: int) -> bool:
    """Whether a part of the row is a date, such as 05-06-2026 12:30."""
    for index in range(max(0, first - 2), min(last + 1, len(groups) - 2)):
        day, month, year = groups[index : index + 3]
        apart = flat[day.end : month.start], flat[month.end : year.start]
        short = len(day.digits) <= 2 and len(month.digits) <= 2 and int(day.digits) <= 31 and int(month.digits) <= 12
        if apart[0] == apart[1] and short and len(year.digits) == 4 and year.digits[:2] in ("19", "20"):
            return True
    return False
