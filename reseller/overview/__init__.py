"""What people see of the business: read models for the console and the API.

Every function takes a session, reads with a fixed number of statements however many rows there are, changes nothing,
and returns frozen dataclasses. Money is DZD unless a field `currency` says otherwise; times are aware UTC.
"""

from reseller.overview.crawls import (
    CrawlPage,
    CrawlRow,
    RejectedRow,
    crawl,
    crawls,
    latest_crawls,
    rejected,
)
from reseller.overview.health import Health, MartAge, health
from reseller.overview.offers import OfferRow, offer, offers
from reseller.overview.paging import Page
from reseller.overview.proposals import PricePoint, ProposalPage, ProposalRow, Step, history, proposal, proposals
from reseller.overview.purchases import (
    BudgetRow,
    EventRow,
    PurchasePage,
    PurchaseRow,
    most_tied_up,
    purchase,
    purchases,
)
from reseller.overview.stock import MovementRow, PriceRow, StockPage, StockRow, stock, stock_item
from reseller.overview.today import MoneyNow, Today, today, waiting
from reseller.overview.trends import TrendRow, trend_departments, trends

__all__ = [
    "BudgetRow",
    "CrawlPage",
    "CrawlRow",
    "EventRow",
    "Health",
    "MartAge",
    "MoneyNow",
    "MovementRow",
    "OfferRow",
    "Page",
    "PricePoint",
    "PriceRow",
    "ProposalPage",
    "ProposalRow",
    "PurchasePage",
    "PurchaseRow",
    "RejectedRow",
    "Step",
    "StockPage",
    "StockRow",
    "Today",
    "TrendRow",
    "crawl",
    "crawls",
    "health",
    "history",
    "latest_crawls",
    "most_tied_up",
    "offer",
    "offers",
    "proposal",
    "proposals",
    "purchase",
    "purchases",
    "rejected",
    "stock",
    "stock_item",
    "today",
    "trend_departments",
    "trends",
    "waiting",
]
