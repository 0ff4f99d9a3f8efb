"""The arguments of the Jumia spider."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import quote_plus, urlsplit

from pydantic import Field, field_validator, model_validator

from crawlers.markets import Market
from crawlers.shard import Shard
from crawlers.spiders.market import ArgumentError, Arguments

_BETWEEN_ADDRESSES = re.compile(r"\s*,\s*(?=https?://)")


class JumiaArguments(Arguments):
    """Where in a Jumia shop to look; nothing but a country: every category of the home page's menu."""

    country: Literal["dz", "ma", "eg", "ci", "sn", "ke", "ng", "gh", "ug"] = Field("dz", description="Whose shop.")
    category: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9_-]*$", description="A category's slug.")
    query: str | None = Field(None, min_length=1, description="Words to search for, within the category if given.")
    start_url: str | None = Field(
        None, description="Listings, products or the home page of the shop, comma separated; stands alone."
    )
    source: Literal["menu", "sitemap"] = Field(
        "menu", description="Where the places come from if none is named: the home page's menu or the shop's sitemaps."
    )
    kind: Literal["listing", "product"] | None = Field(
        None, description="Of a sitemap's addresses, only those of listings or only those of products."
    )
    max_pages: int | None = Field(
        None, ge=1, le=2000, description="Most listing and product pages to ask for, in pages."
    )
    shard: str | None = Field(
        None, description="i/n, from 0/n to n-1/n: of the menu's, sitemaps' or start_url's places only this shard's."
    )

    @field_validator("query")
    @classmethod
    def _one_space(cls, value: str | None) -> str | None:
        return " ".join(value.split()) if value else value

    @field_validator("start_url")
    @classmethod
    def _are_addresses(cls, value: str | None) -> str | None:
        for address in _BETWEEN_ADDRESSES.split(value or ""):
            if value and urlsplit(address).scheme not in ("http", "https"):
                raise ValueError("must begin with https:// or http://")
        return value

    @field_validator("shard")
    @classmethod
    def _is_shard(cls, value: str | None) -> str | None:
        return str(Shard.parse(value)) if value else value

    @model_validator(mode="after")
    def _one_place(self) -> JumiaArguments:
        if self.start_url and (self.category or self.query):
            raise ValueError("start_url stands alone, without category and query")
        if self.source == "sitemap" and (self.start_url or self.category or self.query):
            raise ValueError("source=sitemap stands alone, without start_url, category and query")
        if self.kind and self.source != "sitemap":
            raise ValueError("kind chooses among the addresses of source=sitemap")
        if self.shard and (self.category or self.query or len(self._start_urls) == 1):
            raise ValueError("shard divides the menu, the sitemaps or several start_url; one listing is not divided")
        return self

    @property
    def _start_urls(self) -> list[str]:
        return _BETWEEN_ADDRESSES.split(self.start_url) if self.start_url else []

    @property
    def walks_menu(self) -> bool:
        """Whether the home page is read for its menu alone."""
        return self.source == "menu" and not (self.start_url or self.category or self.query)

    def addresses(self, market: Market) -> list[str]:
        """The public addresses to begin with; [] for the sitemaps.

        Raises:
            ArgumentError: a start_url is of another shop.
        """
        if self.source == "sitemap":
            return []
        if self.start_url:
            if foreign := [address for address in self._start_urls if not market.owns(address)]:
                raise ArgumentError(f"start_url: {foreign[0]} is not of {market.public_origin}")
            return [market.canonical(address) for address in self._start_urls]
        path = f"/{self.category}/" if self.category else "/catalog/" if self.query else "/"
        return [f"{market.public_origin}{path}{'?q=' + quote_plus(self.query) if self.query else ''}"]
