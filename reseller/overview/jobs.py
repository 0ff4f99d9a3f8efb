"""The jobs that everything waits for: when each last left a trace, whether it runs now, when it is due again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy.orm import Session

from config import settings
from database import marts

GRACE = timedelta(hours=1)
"""How long after its time a job may still be at work before it counts as late."""
TRACES = {
    "crawl": sa.text("select max(finished_at) from market.crawl where state = 'finished'"),
    "agent": sa.text("select max(cycle_at) from agent.candidate"),
    "purchases": sa.text("select max(at) from agent.purchase_event"),
    "channels": sa.text("select max(changed_at) from shop.channel_listing"),
}
RUNNING = sa.text(
    "select job from unnest(cast(:jobs as text[])) as job where exists (select from pg_locks"
    " where locktype = 'advisory' and granted and classid::int4 = hashtext('hanout') and objid::int4 = hashtext(job))"
)
JOBS = ("crawl", "marts", "agent", "purchases", "channels")
WAITS_FOR_WORK = ("purchases", "channels")
"""Jobs that leave a trace only when there is something to do: without one they are not late."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. `left` is when it last left a trace in the data, `due` when the scheduler runs it next."""

    name: str
    left: datetime | None
    due: datetime | None
    running: bool
    late: bool


def jobs(work: Session, now: datetime) -> list[JobRow]:
    """Every job of the scheduler."""
    running = set(work.scalars(RUNNING, {"jobs": list(JOBS)}))
    return [_job(name, trace, now, name in running) for name, trace in _traces(work).items()]


def _traces(work: Session) -> Mapping[str, datetime | None]:
    found = {name: work.scalar(query) for name, query in TRACES.items()}
    built = None
    if marts.built(work):
        built = work.scalar(sa.select(sa.func.max(marts.current_offers.c.last_seen_at)))
    return {name: built if name == "marts" else found[name] for name in JOBS}


def _job(name: str, left: datetime | None, now: datetime, running: bool) -> JobRow:
    cron = getattr(settings(), f"{name}_cron", None)
    if not cron:
        return JobRow(name, left, None, running, False)
    trigger = CronTrigger.from_crontab(cron)
    due = trigger.get_next_fire_time(None, now)
    again = trigger.get_next_fire_time(None, left + timedelta(minutes=1)) if left else None
    missed = left is None or (again is not None and again + GRACE < now)
    return JobRow(name, left, due, running, missed and not running and name not in WAITS_FOR_WORK)
