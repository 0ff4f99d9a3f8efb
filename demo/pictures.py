"""Placeholder pictures: a department's colour and icon, varied a little from product to product."""

from __future__ import annotations

import tomllib
from html import escape

from demo.catalogue import DATA, Product

ICONS: dict[str, str] = tomllib.loads((DATA / "icons.toml").read_text("utf-8"))
HUES = (28, 205, 232, 152, 338, 276, 190, 252, 96, 44, 12)


LONG_LABEL = 22


def of_product(product: Product) -> str:
    """A product's picture, 300 x 300 SVG, labelled with its brand."""
    label = product.brand if product.brand != "Generic" else product.path[-1]
    return draw(product.department.slug, product.number, product.title, label)


def draw(department: str, number: int, title: str, label: str) -> str:
    """A picture in the colour and with the icon of a department; `number` varies the colour."""
    hue = (HUES[list(ICONS).index(department)] + number % 25 - 12) % 360
    name = escape(title, quote=True)
    size = 19 if len(label) <= LONG_LABEL else 15
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" role="img" aria-label="{name}">'
        f"<title>{name}</title>"
        f'<rect width="300" height="300" fill="hsl({hue} 42% 93%)"/>'
        f'<circle cx="150" cy="150" r="104" fill="hsl({hue} 46% 86%)"/>'
        f'<g fill="none" stroke="hsl({hue} 45% 34%)" stroke-width="7" stroke-linecap="round" stroke-linejoin="round">'
        f"{ICONS[department]}</g>"
        f'<text x="150" y="284" font-family="system-ui, sans-serif" font-size="{size}" font-weight="600"'
        f' text-anchor="middle" fill="hsl({hue} 35% 32%)">{escape(label)}</text></svg>'
    )
