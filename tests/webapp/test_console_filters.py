from __future__ import annotations

from datetime import timedelta

import pytest
from flask_openapi3 import OpenAPI


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(milliseconds=430), "0.4 s"),
        (timedelta(seconds=12), "0:12"),
        (timedelta(minutes=3, seconds=7), "3:07"),
        (timedelta(hours=1, minutes=2, seconds=45), "1:02:45"),
    ],
)
def test_a_duration_is_said_as_short_as_it_was(app: OpenAPI, span: timedelta, said: str) -> None:
    with app.test_request_context("/?lang=en"):
        assert app.jinja_env.filters["took"](span) == said


def test_in_arabic_the_unit_is_arabic_so_that_it_follows_its_number(app: OpenAPI) -> None:
    with app.test_request_context("/?lang=ar"):
        assert app.jinja_env.filters["took"](timedelta(milliseconds=430)) == "0,4 ث"
