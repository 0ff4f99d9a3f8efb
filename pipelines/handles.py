"""Finds e-mail addresses, messenger links and handles in a text, also where "@" and "." are spelled out."""

from __future__ import annotations

import re

Span = tuple[int, int]

_WIDE = str.maketrans("＠．：／", "@.:/")
_AT = r"(?:\s{0,2}@\s{0,2}|\s?[\[({<]\s?(?:at|a|arobas[e]?|@|à)\s?[\])}>]\s?|\s?\barobas[e]?\b\s?)"
_DOT = r"(?:\s?\.\s?|\s?[\[({<]\s?(?:dot|point|\.)\s?[\])}>]\s?|[\s_\-](?:dot|point)[\s_\-])"
_PROVIDER = r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|icloud|protonmail|laposte|msn|aol)"
_END = r"(?:com|net|org|dz|fr|info|biz|me|io|co|eu|uk|de|es|it|ca|ru|pro|shop|store|edu|gov)"
_EMAIL = re.compile(
    rf"[\w.+\-]{{1,64}}{_AT}(?:(?:[\w\-]{{1,63}}\.){{1,4}}[^\W\d_]{{2,63}}|[\w\-]{{1,63}}(?:{_DOT}[\w\-]{{2,63}}){{0,2}}{_DOT}{_END}\b"
    rf"|{_PROVIDER}\b)"
    rf"|[\w.+\-]{{1,64}}(?:\s(?:at|à|chez)\s|[_\-](?:at|arobase)[_\-]|\s?#\s?){_PROVIDER}(?:{_DOT}{_END})?\b"
    rf"|[\w.+\-]{{3,64}}\s{_PROVIDER}{_DOT}(?:com|fr)\b",
    re.IGNORECASE,
)
# What is said of a network, or at what, and names nobody.
_NO_NAME = r"(?:oui|non|yes|no|ok|inclus|gratuit|illimit[ée]s?|compatible|dispo(?:nible)?|نعم|لا)"
_NO_HANDLE = r"(?:home|work|office|school|the|least|most|all|only)"
_LINK = re.compile(
    r"(?<![\w.\-])(?:https?:/{1,2})?(?:[\w\-]{1,30}\.){0,3}(?:wa\.me|whatsapp\.com|t\.me|telegram\.(?:me|org|dog)"
    r"|facebook\.com|fb\.(?:com|me)|m\.me|messenger\.com|instagram\.com|instagr\.am|tiktok\.com|snapchat\.com"
    r"|linktr\.ee|viber\.(?:com|me|click)|linkedin\.com)/[^\s\"'<>]*"
    rf"|\b(?:viber|whatsapp|tg|mailto|skype):/{{0,2}}(?!{_NO_NAME}\b)[^\s\"'<>/]\S*"
    r"|\b(?:tel|sms|callto):/{0,2}\+?[\d().\-]{6}\S*",
    re.IGNORECASE,
)
_NETWORK = (
    r"(?:insta(?:gram)?|ig|snap(?:chat)?|tik\s?tok|telegram|messenger|facebook|fb|twitter"
    r"|[إا]?نستغرام|[إا]?نستا|فيسبوك|فايسبوك|سناب|تلغرام|تيليغرام)"
)
_NAMED = re.compile(
    rf"(?:\b|(?<=[\W\d])){_NETWORK}\s{{0,2}}(?:[:=→➜]\s{{0,2}}@?|@\s?)"
    rf"(?!{_NO_NAME}\b)"
    r"(?P<name>[\w.\-]{3,40}(?:\s(?-i:[A-ZÀ-Þ][\w\-]{1,20})){0,2})",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?<![\w.@])@(?!{_NO_HANDLE}\b(?![.]))(?P<name>[A-Za-z_][\w.]{{2,29}})(?![\w@])", re.IGNORECASE)

_NETWORKS = ("insta", "ig", "snap", "tik", "telegram", "messenger", "facebook", "fb", "twitter")
_SLASHED = re.compile(r"(?:me|com|am|ee|org|dog|click)/", re.IGNORECASE)
_SCHEME = re.compile(r"(?:viber|whatsapp|tg|tel|mailto|sms|callto|skype):", re.IGNORECASE)
_WIDE_SIGN = re.compile("[＠．：／]")


def handles(text: str) -> list[Span]:
    """Where e-mail addresses, links to a messenger or a person's page and handles stand, in order, without overlap."""
    if not text.isascii() and _WIDE_SIGN.search(text):
        text = text.translate(_WIDE)
    low = text.lower()
    found: list[Span] = []
    if "@" in low:
        found += [match.span("name") for match in _BARE.finditer(text)]
    if "@" in low or _may_spell_an_address(low):
        found += [match.span() for match in _EMAIL.finditer(text)]
    if "/" in low and ("e/" in low or "m/" in low or "g/" in low or "k/" in low) and _SLASHED.search(low):
        found += [match.span() for match in _LINK.finditer(text)]
    if ":" in low or "=" in low or "@" in low or "→" in low:
        if _SCHEME.search(low):
            found += [match.span() for match in _LINK.finditer(text)]
        if not low.isascii() or any(name in low for name in _NETWORKS):
            found += [match.span("name") for match in _NAMED.finditer(text)]
    return apart(found) if found else found


def _may_spell_an_address(low: str) -> bool:
    if "mail" in low or "yahoo" in low or "outlook" in low or "live." in low or "icloud" in low or "msn" in low:
        return True
    return (
        "arobas" in low
        or "(a)" in low
        or "at]" in low
        or "at)" in low
        or "at}" in low
        or "at>" in low
        or "laposte" in low
    )


def apart(spans: list[Span]) -> list[Span]:
    """The spans in order; those that overlap become one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
