"""What formatters and browsers make of a page, as far as it matters to whoever reads it afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from lxml import etree
from lxml import html as lxml_html

_STATE = re.compile(r"(window\.__(?:STORE|INITIAL_STATE)__)\s*=\s*")
_SCRIPT = re.compile(r"(<script\b[^>]*>)(.*?)(</script\s*>)", re.S | re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)((?:\s+[^\s=>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?)*)\s*(/?)>")
_ATTRIBUTE = re.compile(r"([^\s=>/]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_NAME = re.compile(r"[A-Za-z_$][\w$]*$")


def by_beautiful_soup(text: str) -> str:
    return BeautifulSoup(text, "html.parser").prettify()


def by_beautiful_soup_on_lxml(text: str) -> str:
    return BeautifulSoup(text, "lxml").prettify()


def by_lxml(text: str) -> str:
    return _tree(text, "html")


def as_xhtml(text: str) -> str:
    """Serialised as XML, as tidy does on demand: scripts have entities then."""
    return _tree(text, "xml")


def _tree(text: str, method: str) -> str:
    root = lxml_html.document_fromstring(text)
    etree.indent(root)
    written: str = etree.tostring(root, pretty_print=True, method=method, encoding="unicode")
    return "<!DOCTYPE html>\n" + written


def by_code_formatter(text: str) -> str:
    """Elements and attributes on lines of their own, closing brackets on the next, state as JavaScript."""
    return _rebuilt(text, lambda name: name, javascript)


def in_upper_case(text: str) -> str:
    """As tidy does on demand."""
    return _rebuilt(text, str.upper, lambda value: json.dumps(value, ensure_ascii=True, indent=4))


def saved_by_browser(text: str, address: str) -> str:
    """Chromium's "Save page as": absolute addresses, pictures in a folder, a comment that tells the address."""
    origin = "/".join(address.split("/")[:3])
    text = re.sub(r'(href|action)="/(?!/)', rf'\1="{origin}/', text)
    text = re.sub(r'(<img\b[^>]*?) src="[^"]*"', r'\1 src="./page_files/1.jpg"', text)
    text = re.sub(r"(<body)\b", r'\1 cz-shortcut-listen="true" data-new-gr-c-s-check-loaded="14.1"', text)
    return f"<!-- saved from url=({len(address):04}){address} -->\r\n" + text.replace("\n", "\r\n")


def javascript(value: Any, indent: str = "  ") -> str:
    """The value as a formatter of JavaScript writes it."""
    inner = indent + "  "
    if isinstance(value, dict):
        pairs = [
            f"{inner}{key if _NAME.match(key) else repr_of(key)}: {javascript(v, inner)},\n" for key, v in value.items()
        ]
        return "{\n" + "".join(pairs) + indent + "}" if pairs else "{}"
    if isinstance(value, list):
        return "[\n" + "".join(f"{inner}{javascript(v, inner)},\n" for v in value) + indent + "]" if value else "[]"
    return repr_of(value) if isinstance(value, str) else json.dumps(value)


def repr_of(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{escaped}'"


def _rebuilt(text: str, case: Callable[[str], str], write: Callable[[Any], str]) -> str:
    parts, at = [], 0
    for script in _SCRIPT.finditer(text):
        parts.append(_spread(text[at : script.start()], case))
        parts.append(_spread(script.group(1), case) + _state(script.group(2), write) + f"</{case('script')}\n>")
        at = script.end()
    return "".join([*parts, _spread(text[at:], case)])


def _state(script: str, write: Callable[[Any], str]) -> str:
    begun = _STATE.search(script)
    if begun is None:
        return f"\n{script}\n"
    value, end = json.JSONDecoder().raw_decode(script, begun.end())
    return f"{script[: begun.start()]}\n{begun.group(1)} =\n    {write(value)};\n{script[end:]}"


def _spread(text: str, case: Callable[[str], str]) -> str:
    return _TAG.sub(lambda tag: _spread_tag(tag, case), text)


def _spread_tag(tag: re.Match[str], case: Callable[[str], str]) -> str:
    slash, name, attributes, closed = tag.groups()
    lines = []
    for key, value in _ATTRIBUTE.findall(attributes):
        quoted = value if value.startswith(('"', "'")) else f'"{value}"'
        if "'" not in quoted[1:-1] and '"' not in quoted[1:-1]:
            blanks = "\n    " if key in ("class", "href", "data-sku") else ""
            quoted = f"'{blanks}{quoted[1:-1]}{blanks}'"
        lines.append(f"\n    {case(key)}" + (f"={quoted}" if value else ""))
    return f"\n<{slash}{case(name)}{''.join(lines)}\n{closed}>\n"
