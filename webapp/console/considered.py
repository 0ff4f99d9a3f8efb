"""What was looked at, taken or not, and what one cycle would do now."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy.exc import DataError

from database.agent import MODES
from reseller.overview import candidates as read
from reseller.overview import rehearsal
from reseller.overview.candidates import CandidateRow
from webapp.charts import scatter
from webapp.console import labels
from webapp.console.blueprint import blueprint
from webapp.console.views import chosen, page_number, words
from webapp.i18n import language, moment, money_text
from webapp.work import now, work

log = logging.getLogger(__name__)

PER_THOUSAND = 1000
A_PAGE = 25


@blueprint.get("/considered")
def considered() -> str:
    """The offers of one round: a picture, then each with its numbers and why."""
    rounds = read.rounds(work())
    at = _round([moment for moment, _count in rounds])
    if at is None:
        return render_template("console/considered.html", rounds=[], at=None, query="", verdict=None)
    verdicts = read.verdicts(work(), at)
    verdict = request.args.get("verdict") or None
    verdict = verdict if verdict in verdicts else None
    sort = chosen("sort", read.SORTS)
    return render_template(
        "console/considered.html",
        rounds=rounds,
        at=at,
        verdicts=verdicts,
        verdict=verdict,
        sort=sort,
        sorts=read.SORTS,
        query=words(),
        rows=read.candidates(work(), at, verdict=verdict, query=words(), sort=sort, page=page_number(), size=A_PAGE),
        picture=_picture(read.pictured(work(), at), at),
    )


def _round(rounds: Sequence[datetime]) -> datetime | None:
    """The round asked for as `?at=`, else the last one."""
    wanted = request.args.get("at", "")
    return next((at for at in rounds if at.isoformat() == wanted), rounds[0] if rounds else None)


def _picture(rows: Sequence[CandidateRow], at: datetime) -> Markup | None:
    points = [
        scatter.Point(
            doubt=float(row.doubt),
            gain=float(row.daily_return * PER_THOUSAND),
            taken=row.verdict == "taken",
            words=f"{row.title} · {labels.label('verdict', row.verdict)} · {money_text(row.expected_profit or 0)}",
            address=url_for("console.candidate", candidate_id=row.id),
        )
        for row in rows
        if row.doubt is not None and row.daily_return is not None
    ]
    if len(points) < 3:
        return None
    taken = sum(point.taken for point in points)
    summary = ngettext(
        "%(num)s offer is drawn; the filled points are the %(taken)s that were taken.",
        "%(num)s offers are drawn; the filled points are the %(taken)s that were taken.",
        len(points),
        taken=taken,
    )
    title = _("Profit from each dinar and day against doubt, %(when)s", when=moment(at, "short"))
    return scatter.gain_against_doubt(points, title, summary, language())


@blueprint.get("/considered/<int:candidate_id>")
def candidate(candidate_id: int) -> str:
    """One offer of one round, and what other rounds made of it."""
    page = read.candidate(work(), candidate_id) or abort(404)
    return render_template("console/candidate.html", page=page, row=page.row)


@blueprint.get("/test")
def test_mode() -> str:
    """What a cycle would do now: worked out and taken back."""
    mode = request.args.get("mode")
    try:
        played = rehearsal.rehearse(now(), mode if mode in MODES else None)
    except DataError as problem:
        log.warning("test mode: %s", problem.orig)
        title = _("The agent cannot work this out")
        advice = _("A number among the offers is beyond all measure. Its next cycle would stop there too: see the log.")
        return render_template("console/turned_away.html", title=title, advice=advice)
    return render_template("console/test_mode.html", played=played, modes=MODES)
