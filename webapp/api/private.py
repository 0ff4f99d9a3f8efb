"""What only those who work here may see and do: proposals, what was considered, purchases, our prices."""

from __future__ import annotations

from datetime import UTC

from flask import Response, g
from flask_openapi3 import APIBlueprint, Tag

from reseller import overview, repricing
from reseller import proposals as business
from reseller.overview import candidates, prices
from webapp import accounts, decisions
from webapp.api import problems, schemas
from webapp.api.public import PROBLEM, answer
from webapp.work import now, work

PROPOSALS, PURCHASES, PRICES = Tag(name="Proposals"), Tag(name="Purchases"), Tag(name="Prices")

blueprint = APIBlueprint(
    "api_private",
    __name__,
    url_prefix="/api/v1",
    abp_responses={"401": dict(PROBLEM), "403": dict(PROBLEM), "422": dict(PROBLEM)},
    abp_security=[{"bearer": []}, {"cookie": []}],
)


@blueprint.before_request
def _only_accounts() -> Response | None:
    try:
        g.account = accounts.account_of_request(work())
    except accounts.Forged:
        return problems.response(403, "A request with a cookie needs the header X-CSRF-TOKEN.")
    except accounts.SignInNeeded:
        detail = "Send `Authorization: Bearer TOKEN`; POST /api/v1/token gives one."
        return problems.response(401, detail, headers={"WWW-Authenticate": "Bearer"})
    return None


@blueprint.after_request
def _not_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/proposals", tags=[PROPOSALS], responses={200: schemas.Page[schemas.Proposal]})
def list_proposals(query: schemas.ProposalQuery) -> Response:
    """Proposals; the open ones by expected profit"""
    rows = overview.proposals(work(), query.state, page=query.page, size=query.page_size)
    items = [schemas.Proposal.of(row) for row in rows.rows]
    return answer(schemas.Page[schemas.Proposal](**schemas.page_of(rows, items)))


@blueprint.get("/proposals/<int:proposal_id>", tags=[PROPOSALS], responses={200: schemas.Proposal, 404: dict(PROBLEM)})
def get_proposal(path: schemas.ProposalPath) -> Response:
    """One proposal with its arithmetic and reasons"""
    return _proposal(path.proposal_id)


def _proposal(proposal_id: int) -> Response:
    if page := overview.proposal(work(), proposal_id):
        return answer(schemas.Proposal.of(page.row))
    return problems.response(404, f"There is no proposal {proposal_id}.")


@blueprint.post(
    "/proposals/<int:proposal_id>/approve",
    tags=[PROPOSALS],
    responses={201: schemas.Approval, 404: dict(PROBLEM), 409: dict(PROBLEM)},
)
def approve_proposal(path: schemas.ProposalPath, body: schemas.Decision) -> Response:
    """Approves: reserves the money and orders

    409 where a rule of the business refuses; `code` says which, `detail` what to do.
    """
    approved = decisions.approve(work(), path.proposal_id, who=g.account.email, reason=body.reason, now=now())
    page = overview.purchase(work(), approved.order.id)
    assert page is not None
    held_up = approved.held_up.message if approved.held_up else None
    response = answer(schemas.Approval(purchase=schemas.PurchaseDetail.of_page(page), held_up=held_up), 201)
    response.headers["Location"] = f"/api/v1/purchases/{approved.order.id}"
    return response


@blueprint.post(
    "/proposals/<int:proposal_id>/reject",
    tags=[PROPOSALS],
    responses={200: schemas.Proposal, 404: dict(PROBLEM), 409: dict(PROBLEM)},
)
def reject_proposal(path: schemas.ProposalPath, body: schemas.Decision) -> Response:
    """Rejects: its product is not proposed again for a while"""
    business.reject(work(), path.proposal_id, who=g.account.email, reason=body.reason, now=now())
    work().commit()
    return _proposal(path.proposal_id)


@blueprint.get("/purchases", tags=[PURCHASES], responses={200: schemas.Page[schemas.Purchase]})
def list_purchases(query: schemas.PurchaseQuery) -> Response:
    """Purchases, last changed first"""
    rows = overview.purchases(work(), query.state, page=query.page, size=query.page_size)
    items = [schemas.Purchase.of(row) for row in rows.rows]
    return answer(schemas.Page[schemas.Purchase](**schemas.page_of(rows, items)))


@blueprint.get(
    "/purchases/<int:purchase_id>", tags=[PURCHASES], responses={200: schemas.PurchaseDetail, 404: dict(PROBLEM)}
)
def get_purchase(path: schemas.PurchasePath) -> Response:
    """One purchase with its trail"""
    if page := overview.purchase(work(), path.purchase_id):
        return answer(schemas.PurchaseDetail.of_page(page))
    return problems.response(404, f"There is no purchase {path.purchase_id}.")


@blueprint.get("/candidates", tags=[PROPOSALS], responses={200: schemas.Page[schemas.Candidate]})
def list_candidates(query: schemas.CandidateQuery) -> Response:
    """Every offer of a round, taken or not, with its numbers and why"""
    rounds = [at for at, _count in candidates.rounds(work())]
    at = query.at or (rounds[0] if rounds else now())
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    rows = candidates.candidates(work(), at, verdict=query.verdict, page=query.page, size=query.page_size)
    items = [schemas.Candidate.of(row) for row in rows.rows]
    return answer(schemas.Page[schemas.Candidate](**schemas.page_of(rows, items)))


@blueprint.get(
    "/candidates/<int:candidate_id>", tags=[PROPOSALS], responses={200: schemas.Candidate, 404: dict(PROBLEM)}
)
def get_candidate(path: schemas.CandidatePath) -> Response:
    """One offer of one round"""
    if page := candidates.candidate(work(), path.candidate_id):
        return answer(schemas.Candidate.of(page.row))
    return problems.response(404, f"There is no candidate {path.candidate_id}.")


@blueprint.get("/price-changes", tags=[PRICES], responses={200: schemas.Page[schemas.PriceChange]})
def list_price_changes(query: schemas.PriceChangeQuery) -> Response:
    """Changes of our prices, newest first"""
    rows = prices.changes(work(), rule=query.rule, page=query.page, size=query.page_size)
    items = [schemas.PriceChange.of(row) for row in rows.rows]
    return answer(schemas.Page[schemas.PriceChange](**schemas.page_of(rows, items)))


@blueprint.post(
    "/price-changes/<int:change_id>/undo",
    tags=[PRICES],
    responses={201: schemas.PriceChange, 404: dict(PROBLEM), 409: dict(PROBLEM)},
)
def undo_price_change(path: schemas.PriceChangePath) -> Response:
    """Takes a change back: the price is what it was, and rests for a week

    409 where it is not the last change of its listing, or the old price would lose more than is allowed.
    """
    made = repricing.undo(work(), path.change_id, who=g.account.email, now=now())
    work().commit()
    row = prices.change(work(), made.id)
    assert row is not None
    return answer(schemas.PriceChange.of(row), 201)
