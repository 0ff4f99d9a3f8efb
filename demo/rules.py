"""How the shop lets itself be walked: how many pages of a listing it shows, and what its robots.txt allows."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

PAGE_SIZE = 40
_ROBOTS = """# Site scraping is permitted if the user agent clearly identifies the bot and its owner
# and uses less than 200 requests per minute.
Sitemap: {origin}/index-sitemap.xml

User-agent: *
Disallow: *--*
Disallow: /mobapi/
Disallow: /fr/
Disallow: /cart/
Disallow: /customer/
Disallow: /*color=
Disallow: /*dir=
{bands}Disallow: /*rating=
Disallow: /*shipped_from=
Disallow: /*sort=
"""


class Rules(BaseModel):
    """Switches of the shop, each on the side of the real one unless a test asks otherwise.

    Attributes:
        most_pages: pages of a listing that can be asked for, however many products it has.
        narrower: whether a listing links its sub-categories.
        bands: whether robots.txt allows to ask for a range of prices.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    most_pages: int = Field(50, ge=1)
    narrower: bool = True
    bands: bool = False

    def robots(self, origin: str) -> str:
        """The robots.txt."""
        return _ROBOTS.format(origin=origin, bands="" if self.bands else "Disallow: /*price=\n")
