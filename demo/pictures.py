"""Placeholder pictures: a department's colour and icon, varied a little from product to product."""

from __future__ import annotations

import tomllib
from html import escape

from demo.catalogue import DATA, Product

ICONS: dict[str, str] = tomllib.loads((DATA / "icons.toml").read_text("utf-8"))
HUES = (28, 205, 232, 152, 338, 276, 190, 252, 96, 44, 12)


def svg(product: Product) -> str:
    """The product's picture, 300 x 300."""
    order = list(ICONS).index(product.department.slug)
    hue = (HUES[order] + product.number % 25 - 12) % 360
    title = escape(product.title, quote=True)
    label = escape(product.brand if product.brand != "Generic" else product.path[-1])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<rect width="300" height="300" fill="hsl({hue} 42% 93%)"/>'
        f'<circle cx="150" cy="150" r="104" fill="hsl({hue} 46% 86%)"/>'
        f'<g fill="none" stroke="hsl({hue} 45% 34%)" stroke-width="7" stroke-linecap="round" stroke-linejoin="round">'
        f"{ICONS[product.department.slug]}</g>"
        f'<text x="150" y="284" font-family="system-ui, sans-serif" font-size="19" font-weight="600"'
        f' text-anchor="middle" fill="hsl({hue} 35% 32%)">{label}</text></svg>'
    )
