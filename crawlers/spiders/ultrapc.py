"""UltraPC, computers in Morocco."""

from __future__ import annotations

from crawlers.shops import Shop
from crawlers.spiders.schema_org import ShopSpider


class UltraPcSpider(ShopSpider):
    """Products of ultrapc.ma, from the microdata that its PrestaShop theme publishes.

    scrapy crawl ultrapc -a category=19-pc-portables
    scrapy crawl ultrapc -a max_pages=3
    """

    name = "ultrapc"
    marketplace = "ultrapc"
    shop = Shop(
        host="www.ultrapc.ma",
        country="ma",
        currency="MAD",
        language="fr",
        categories=("/20-composants", "/58-peripheriques", "/19-pc-portables", "/150-pc-portables-gamer"),
        product=r"/[\w-]+/\d+-[\w-]+\.html",
    )
