"""Takes contact data out of what we publish. The crawl has scrubbed it before; here, what is doubtful goes as well."""

from __future__ import annotations

import html
import re
import unicodedata

_UNSEEN = re.compile("[\ufe0f\u20e3\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_O_FOR_NOUGHT = re.compile(r"(?<![^\W\d_])[oO](?![^\W\d_])")
_L_FOR_ONE = re.compile(r"(?<=\d)[lI](?![^\W\d_])")
_GAP = r"[\W_]{0,5}"
_SHORT_GAP = r"[^\w%€$\"']{0,3}"
_PHONE = re.compile(
    rf"(?<!\d)(?<!\b[A-Z])(?:"
    rf"(?:\+|00){_GAP}\d(?:{_GAP}\d){{7,13}}"  # abroad, and +213
    rf"|213{_GAP}(?:0{_GAP})?[2-79](?:{_GAP}\d){{7,8}}"
    rf"|0{_GAP}(?:[5-7]{_GAP}\d|9{_GAP}8)(?:{_GAP}\d){{7}}"
    rf"|0{_SHORT_GAP}[2-49](?:{_SHORT_GAP}\d){{7}}"
    rf"|(?:0[5-7]\d{{8}}){{2,}}"
    r")(?!\d)"
)
_PHONE_WITH_A_WORD = re.compile(
    rf"(?<!\d)(?<!\b[A-Z])0[5-7](?:{_GAP}\d){{0,7}}[\W_]{{0,3}}[^\W\d_]{{2,9}}[\W_]{{0,3}}\d(?:{_GAP}\d){{1,7}}(?!\d)"
)
_WORD_OF_A_PHONE = (
    r"t[ée]l(?:[ée]phone)?s?|gsm|fax|mob(?:ile)?|num(?:[ée]ro)?|n°|appel(?:e[rz]|ez)?|call|contact(?:e[rz])?"
    r"|هاتف|الهاتف|رقم|الرقم|جوال|نقال|اتصل(?:وا)?|للاتصال|الاتصال"
)
_ANNOUNCED = re.compile(
    rf"(?<!\w)(?:{_WORD_OF_A_PHONE}|wh?ats?\s?[au]pp?|viber|imo|واتس\s?[اآ]?ب)(?!\w)[\W_]{{0,4}}"
    rf"(?:(?:au|le|moi|us|on|me|على|بنا|بي|الرقم|رقم)[\W_]{{1,3}}){{0,2}}\+?\d(?:{_GAP}\d){{5,13}}",
    re.IGNORECASE,
)
_END = r"(?:com|net|org|dz|fr|info|biz|me|io|co|eu|shop|store|online|site|app|gg|ly|ee|link)"
_PROVIDER = r"(?:gmail|yahoo|hotmail|outlook|icloud|live)"
_LOCAL = r"(?<![\w.+\-])[\w.+\-]{1,64}"
_BRACKETED_AT = r"(?:\s?[\[({<]\s?(?:at|a|arobase?|à|@)\s?[\])}>]\s?|\s(?:arobase?|at)\s)"
_DOT = r"(?:\s?\.\s?|\s?[\[({]\s?(?:dot|point)\s?[\])}]\s?|[\s_\-](?:dot|point)[\s_\-])"
_EMAIL = re.compile(
    rf"{_LOCAL}[@＠][\w\-]{{1,63}}(?:\s?[.．]\s?[\w\-]{{1,63}}){{0,4}}"
    rf"|{_LOCAL}\s{{0,2}}[@＠]\s{{0,2}}(?:[\w\-]{{1,63}}(?:\s?\.\s?[\w\-]{{1,63}}){{0,2}}\s?\.\s?{_END}\b|{_PROVIDER}\b)"
    rf"|{_LOCAL}{_BRACKETED_AT}[\w\-]{{1,63}}(?:{_DOT}[\w\-]{{1,63}}){{0,3}}"
    rf"|{_LOCAL}\s?(?:\(a\)|#|[\s_\-](?:at|arobase|à|chez)[\s_\-]|\s)\s?{_PROVIDER}(?:{_DOT}\w{{2,3}})?"
    rf"|{_LOCAL}[_\-](?:at|arobase)[_\-]{_PROVIDER}(?:{_DOT}\w{{2,3}})?",
    re.IGNORECASE,
)
_URL = re.compile(
    rf"\b(?:(?:https?|ftp|mailto|sms|tg|skype):|(?:viber|whatsapp)://|tel:(?=\+?\d{{6}}))/{{0,2}}\S+|\bwww\s?\.\s?\S+"
    rf"|(?<![\w.@\-])(?:[\w\-]{{1,63}}\.){{1,5}}{_END}(?:/\S*)?(?![\w.])",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<!\w)[@＠]\s?[\w.]{2,}")
_NETWORK = (
    r"(?:wh?ats?\s?[au]pp?|viber|imo|telegram|messenger|facebook|fb|insta(?:gram)?|snap(?:chat)?|tik\s?tok"
    r"|واتس\s?[اآ]?ب|فايبر|تي?لي?[غق]رام|ماسنجر|فا?يس\s?بوك|[إا]?نستا?[غق]?رام|[إا]نستا|سناب(?:\s?شات)?|تيك\s?توك)"
)
_CONTACT = re.compile(
    rf"(?:(?<!\w)(?:page|sur|via|par|au|compte|on|عبر|على|صفحة|صفحتنا)\s+)*(?<!\w)(?:ال|بال|لل)?{_NETWORK}(?!\w)"
    r"(?:\s?[:=→➜@/]\s?@?[\w.\-]+(?:\s[A-ZÀ-Þ][\w\-]+){0,2})?",
    re.IGNORECASE,
)
_CALLS = re.compile(
    r"(?<!\w)(?:appele[zr](?:[\s-]moi|[\s-]nous)?|contacte[zr](?:[\s-]moi|[\s-]nous)?|call (?:me|us)|contact us"
    r"|اتصل(?:وا)?(?: بنا| بي)?|للاتصال|للتواصل|تواصلوا?(?: معنا)?|راسلنا|للحجز|للاستفسار)(?!\w)"
    rf"|(?<!\w)(?:{_WORD_OF_A_PHONE})\s?[:：=]\s?(?=\W|$)",
    re.IGNORECASE,
)
_MARK = re.compile(r"\[…\]")


def without_contacts(text: str) -> str:
    """The text without telephone numbers in any digits, e-mails, addresses, handles, messengers and calls to call.

    Markup goes and spaces are tidied; nothing may be left.
    """
    text = _MARKUP.sub(" ", html.unescape(_MARK.sub(" ", text)))
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    for pattern in (_EMAIL, _URL, _HANDLE):
        text = pattern.sub(" ", text)
    for pattern in (_ANNOUNCED, _PHONE, _PHONE_WITH_A_WORD):
        text = _without(pattern, text)
    for pattern in (_CONTACT, _CALLS):
        text = pattern.sub(" ", text)
    return " ".join(text.split())


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern finds where digits of all scripts are read as 0-9."""
    flat = _L_FOR_ONE.sub("1", _O_FOR_NOUGHT.sub("0", "".join(map(_latin, text))))
    kept, at = [], 0
    for found in pattern.finditer(flat):
        kept += [text[at : found.start()], " "]
        at = found.end()
    return "".join([*kept, text[at:]])


def _latin(sign: str) -> str:
    value = None if sign.isascii() else unicodedata.digit(sign, None)
    return sign if value is None else str(value)
