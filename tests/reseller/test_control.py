from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from reseller import control
from reseller.refusals import Refused


def test_the_first_look_makes_the_row_from_the_settings(work: Session, configure: Any) -> None:
    configure(AGENT_MODE="approve", AGENT_BUDGET_PER_DAY=777)
    row = control.get(work)
    assert (row.mode, row.budget_per_day, row.stopped, row.changed_by) == ("approve", Decimal(777), False, "settings")


def test_the_default_is_a_dry_run(work: Session) -> None:
    assert control.get(work).mode == "dry-run"


def test_settings_changed_later_leave_the_row_alone(work: Session, configure: Any) -> None:
    control.get(work)
    work.commit()
    configure(AGENT_BUDGET_PER_DAY=1)
    assert control.get(work).budget_per_day == 40_000


def test_a_change_leaves_the_rest_as_it_is(work: Session) -> None:
    control.change(work, who="owner", budget_total=Decimal(0))
    row = control.get(work)
    assert (row.budget_total, row.budget_per_day, row.changed_by) == (Decimal(0), Decimal(40_000), "owner")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mode": "yolo"}, "mode"),
        ({"budget_per_day": Decimal(-1)}, "budget_per_day"),
        ({"budget_total": Decimal("-0.01")}, "budget_total"),
        ({"cap_per_product": Decimal("NaN")}, "cap_per_product"),
        ({"budget_total": Decimal("Infinity")}, "budget_total"),
        ({"margin_floor": Decimal(1)}, "margin_floor"),
        ({"margin_floor": Decimal("-0.1")}, "margin_floor"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(work: Session, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused, match=r"is") as refused:
        control.change(work, who="owner", **change)
    assert (refused.value.code, refused.value.details["field"]) == ("bad_value", field)


def test_stop_and_resume(work: Session) -> None:
    control.stop(work, "owner", "prices look wrong")
    row = control.get(work)
    assert (row.stopped, row.stopped_reason) == (True, "prices look wrong")
    control.resume(work, "staff")
    row = control.get(work)
    assert (row.stopped, row.stopped_reason, row.changed_by) == (False, None, "staff")
