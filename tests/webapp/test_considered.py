"""What was looked at, and what the agent would do now."""

from __future__ import annotations

import html
import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import database
from database.agent import Candidate, Proposal
from database.base import Base
from database.market import Listing
from reseller import control, proposals
from reseller.overview import rehearsal
from tests.webapp.working_day import Day


def rows() -> dict[str, int]:
    """How many rows each table of ours holds, as others see them."""
    with database.session() as work:
        return {
            str(table): work.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in Base.metadata.tables.values()
        }


def test_every_offer_is_there_with_its_verdict_and_the_sentence_that_says_why(
    owner: FlaskClient, work: Session, day: Day
) -> None:
    page = html.unescape(owner.get("/console/considered?lang=en").text).replace("\u202f", " ")
    looked_at = work.scalars(sa.select(Candidate)).all()
    assert len(looked_at) == len(day.listings)
    for one in looked_at:
        assert f'href="/console/considered/{one.id}"' in page
        assert str(one.reasons["en"]).split(".")[0] in page.replace('<bdi dir="ltr">', "").replace("</bdi>", "")


def test_a_verdict_leaves_only_its_offers(owner: FlaskClient, work: Session) -> None:
    taken = set(work.scalars(sa.select(Candidate.id).where(Candidate.verdict == "taken")))
    table = owner.get("/console/considered?lang=en&verdict=taken").text.split("<tbody>")[1]
    assert {int(found) for found in re.findall(r"/console/considered/(\d+)", table)} == taken


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_one_offer_shows_its_interval_and_its_downside(owner: FlaskClient, work: Session, language: str) -> None:
    one = work.scalars(sa.select(Candidate).where(Candidate.verdict == "taken")).first()
    assert one is not None
    page = owner.get(f"/console/considered/{one.id}?lang={language}")
    assert page.status_code == 200
    assert 'class="interval"' in page.text
    assert f'href="/console/proposals/{one.proposal_id}"' in page.text
    assert f'href="/console/considered/{one.id}"' in owner.get(f"/console/proposals/{one.proposal_id}").text


def test_the_picture_holds_no_markup_of_a_title_and_leads_nowhere_else(owner: FlaskClient, work: Session) -> None:
    work.execute(sa.update(Listing).values(title='"><script>alert(1)</script><a href="https://evil.example">'))
    work.commit()
    drawn = re.search(r'<svg class="drawn".*?</svg>', owner.get("/console/considered?lang=en").text, re.DOTALL)
    assert drawn
    assert "<script" not in drawn[0]
    assert " style=" not in drawn[0]
    links = re.findall(r'href="([^"]*)"', drawn[0])
    assert links
    assert all(re.fullmatch(r"/console/considered/\d+", link) for link in links)


@pytest.mark.parametrize("mode", ["dry-run", "approve", "auto"])
def test_test_mode_changes_nothing(owner: FlaskClient, work: Session, mode: str) -> None:
    work.execute(sa.delete(Candidate))
    work.execute(sa.delete(Proposal))
    work.commit()
    before = rows()
    page = owner.get(f"/console/test?lang=en&mode={mode}")
    assert page.status_code == 200
    assert "Écouteurs Condor" in page.text
    assert rows() == before
    with database.session() as fresh:
        assert control.get(fresh).mode == "approve"


def test_test_mode_says_what_the_next_cycle_then_does(work: Session, day: Day) -> None:
    work.execute(sa.delete(Candidate))
    work.execute(sa.delete(Proposal))
    work.commit()
    played = rehearsal.rehearse(day.now)
    made = proposals.propose(work, day.now)
    assert [(row.listing_id, row.quantity) for row in played.proposed] == [(p.listing_id, p.quantity) for p in made]
    assert played.total == sum(proposal.quantity * proposal.landed_cost for proposal in made)


def test_in_automatic_mode_it_names_what_it_would_approve_and_what_the_budget_refuses(work: Session, day: Day) -> None:
    assert not rehearsal.rehearse(day.now).approved
    cheapest = min(work.scalars(sa.select(Proposal.landed_cost * Proposal.quantity)))
    control.change(work, who="test", budget_per_day=cheapest)
    work.commit()
    played = rehearsal.rehearse(day.now, "auto")
    assert len(played.approved) == 1
    assert {refusal.code for refusal in played.refused.values()} == {"budget_day"}


def test_nothing_looked_at_yet_leads_to_test_mode(owner: FlaskClient, work: Session) -> None:
    work.execute(sa.delete(Candidate))
    work.commit()
    assert 'href="/console/test"' in owner.get("/console/considered?lang=en").text
