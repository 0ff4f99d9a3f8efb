"""What the API takes and answers. Money is a decimal text with its ISO 4217 currency; times are ISO 8601, UTC."""

from webapp.api.schemas.base import Page, page_of
from webapp.api.schemas.business import (
    Approval,
    Decision,
    Proposal,
    ProposalPath,
    ProposalQuery,
    Purchase,
    PurchaseDetail,
    PurchasePath,
    PurchaseQuery,
)
from webapp.api.schemas.judgement import (
    Candidate,
    CandidatePath,
    CandidateQuery,
    PriceChange,
    PriceChangePath,
    PriceChangeQuery,
)
from webapp.api.schemas.market import (
    PriceDay,
    PriceHistory,
    Product,
    ProductPath,
    ProductQuery,
    Trending,
    TrendingQuery,
)
from webapp.api.schemas.operation import CrawlState, Credentials, Health, MartState, Token

__all__ = [
    "Approval",
    "Candidate",
    "CandidatePath",
    "CandidateQuery",
    "CrawlState",
    "Credentials",
    "Decision",
    "Health",
    "MartState",
    "Page",
    "PriceChange",
    "PriceChangePath",
    "PriceChangeQuery",
    "PriceDay",
    "PriceHistory",
    "Product",
    "ProductPath",
    "ProductQuery",
    "Proposal",
    "ProposalPath",
    "ProposalQuery",
    "Purchase",
    "PurchaseDetail",
    "PurchasePath",
    "PurchaseQuery",
    "Token",
    "Trending",
    "TrendingQuery",
    "page_of",
]
