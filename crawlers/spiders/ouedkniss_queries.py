"""What Ouedkniss's API is asked. Persons' names and telephone numbers are not asked for, in neither query."""

from __future__ import annotations

from typing import Any

PAGE_SIZE = 48

_AD = """
        id title slug createdAt: refreshedAt isFromStore hasDelivery likeCount description status
        cities { id name slug region { id name slug } }
        store { id name slug isOfficial isVerified }
        defaultMedia(size: MEDIUM) { mediaUrl mimeType thumbnail }
        price pricePreview priceUnit oldPrice oldPricePreview priceType exchangeType
        category { id slug } quantity
        specs { specification { label codename } value valueText }"""

SEARCH = f"""query SearchQuery($q: String, $filter: SearchFilterInput) {{
  search(q: $q, filter: $filter) {{
    announcements {{
      data {{{_AD}
      }}
      paginatorInfo {{ lastPage hasMorePages total }}
    }}
  }}
}}"""

DETAILS = f"""query AnnouncementGet($id: ID!) {{
  announcement: announcementDetails(id: $id) {{{_AD}
        medias(size: LARGE) {{ mediaUrl mimeType thumbnail }}
  }}
}}"""


def search(category: str | None, words: str | None, number: int) -> dict[str, Any]:
    """The body that asks for a page of ads, the last renewed first."""
    chosen = {
        "categorySlug": category,
        "origin": None,
        "connected": False,
        "delivery": None,
        "regionIds": [],
        "cityIds": [],
        "priceRange": [None, None],
        "exchange": None,
        "hasPictures": False,
        "hasPrice": False,
        "priceUnit": None,
        "fields": [],
        "page": number,
        "orderByField": {"field": "REFRESHED_AT"},
        "count": PAGE_SIZE,
    }
    return {"operationName": "SearchQuery", "variables": {"q": words, "filter": chosen}, "query": SEARCH}


def details(number: str) -> dict[str, Any]:
    """The body that asks for one ad."""
    return {"operationName": "AnnouncementGet", "variables": {"id": number}, "query": DETAILS}
