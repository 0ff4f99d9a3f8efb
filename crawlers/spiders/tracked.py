"""Product pages of any shop, by address."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator
from scrapy import Request

from config import settings
from crawlers import shops
from crawlers.pages import schema_org
from crawlers.pages.errors import UnknownShop
from crawlers.pages.page import Page
from crawlers.spiders.market import ArgumentError, Arguments
from crawlers.spiders.schema_org import SchemaOrgSpider

_BETWEEN = re.compile(r"\s*,\s*(?=https?://)|\s+")
_MOST = 10_000


class TrackedArguments(Arguments):
    """Which pages: addresses, or a file of them."""

    urls: str | None = Field(None, description="Addresses of product pages, comma separated.")
    file: Path | None = Field(None, description="File with one address a line; a line that begins with # is none.")
    country: str = Field("dz", pattern="^[a-z]{2}$", description="Where the shops sell, ISO 3166-1 alpha-2.")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="ISO 4217 where a page names none; the country's unless given."
    )

    @field_validator("country")
    @classmethod
    def _has_money(cls, value: str) -> str:
        if shops.currency_of(value) is None:
            raise ValueError(f"{value} is no country")
        return value

    @model_validator(mode="after")
    def _one_source(self) -> TrackedArguments:
        if bool(self.urls) == bool(self.file):
            raise ValueError("give urls or a file, one of them")
        return self


class TrackedSpider(SchemaOrgSpider):
    """Product pages of any shop, from schema.org data, OpenGraph or the price that is shown.

    scrapy crawl tracked -a urls=https://shop.example/p/1,https://other.example/p/2
    scrapy crawl tracked -a file=watched.txt -a country=tn -a currency=TND
    """

    name = "tracked"
    marketplace = "tracked"
    arguments_type = TrackedArguments
    several_shops = True

    @classmethod
    def saved_page(cls, body: bytes, url: str | None, country: str | None) -> Page:
        """A saved page; its address is its canonical one where none is given.

        Raises:
            UnknownShop: it does not say its address, or what is given is no address or no country.
        """
        address = url or schema_org.address_named(body)
        if address is None:
            raise UnknownShop("the page does not say its address: give --url")
        if not shops.is_address(address):
            raise UnknownShop(f"{address} is no address: give --url with https:// and the host")
        country = (country or "dz").lower()
        currency = shops.currency_of(country)
        if currency is None:
            raise UnknownShop(f"{country} is no country: give --country as ISO 3166-1 alpha-2")
        return Page(body=body, url=address, country=country, currency=currency, observed_at=datetime.now(UTC))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        arguments = self.arguments
        currency = arguments.currency or shops.currency_of(arguments.country) or "DZD"
        self.market = shops.anywhere(arguments.country, currency, settings())
        self.addresses = self._addresses()

    def _addresses(self) -> list[str]:
        file = self.arguments.file
        try:
            lines = file.read_text("utf-8").splitlines() if file else _BETWEEN.split(self.arguments.urls.strip())
        except (OSError, UnicodeDecodeError) as error:
            raise ArgumentError(f"file: {file} cannot be read: {error}") from None
        given = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
        if wrong := [line for line in given if not self.market.owns(line)]:
            raise ArgumentError(f"{'file' if file else 'urls'}: no address: {', '.join(wrong[:3])}")
        if not given or len(given) > _MOST:
            raise ArgumentError(f"{'file' if file else 'urls'}: {len(given)} addresses; give 1 to {_MOST}")
        return list(dict.fromkeys(given))

    async def start(self) -> AsyncIterator[Request]:
        """Every address once. Of several, one that fails is told and does not fail the crawl."""
        for address in self.addresses:
            yield self.product_request(address, start=len(self.addresses) == 1)
