"""dbt-project-evaluator's rules over the real manifest, and that each of them can fail."""

from __future__ import annotations

import csv
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.analytics_sql.project_rules import RULES, Graph

EXCEPTIONS = list(csv.DictReader(Path(__file__).with_name("evaluator_exceptions.csv").read_text().splitlines()))
Manifest = dict[str, Any]


def patterns(rule: str) -> list[str]:
    return [row["id_to_exclude"].replace("%", "*") for row in EXCEPTIONS if row["fct_name"] == rule]


@pytest.mark.parametrize("rule", RULES)
def test_the_project_follows_the_rule(rule: str, manifest: Manifest) -> None:
    found = set(RULES[rule](Graph(manifest)))
    allowed = patterns(rule)
    assert {name for name in found if not any(fnmatchcase(name, pattern) for pattern in allowed)} == set(), RULES[
        rule
    ].__doc__
    unused = [pattern for pattern in allowed if not any(fnmatchcase(name, pattern) for name in found)]
    assert unused == [], "exceptions that nothing needs any more"


def test_every_exception_names_a_rule_and_gives_a_reason() -> None:
    assert [row for row in EXCEPTIONS if row["fct_name"] not in RULES or len(row["comment"]) < 30] == []


def model(name: str) -> Callable[[Manifest], Any]:
    return lambda manifest: manifest["nodes"][f"model.hanout.{name}"]


def depends(manifest: Manifest, name: str, *on: str) -> None:
    manifest["nodes"][f"model.hanout.{name}"]["depends_on"]["nodes"] += on


def without_tests(manifest: Manifest, name: str) -> None:
    key = f"model.hanout.{name}"
    manifest["nodes"] = {k: n for k, n in manifest["nodes"].items() if n.get("attached_node") != key}


def chain_of_views(manifest: Manifest) -> None:
    for name in (
        f"int_trends__{part}" for part in ("candidates", "baselines", "evidence", "signals", "ranked", "parts")
    ):
        model(name)(manifest)["config"]["materialized"] = "view"


LISTING, MOVEMENT = "source.hanout.market.listing", "source.hanout.shop.stock_movement"
BROKEN: dict[str, tuple[str, Callable[[Manifest], Any]]] = {
    "fct_direct_join_to_source": ("stg_crawls", lambda m: depends(m, "stg_crawls", "model.hanout.stg_stock_movements")),
    "fct_marts_or_intermediate_dependent_on_source": ("int_markets", lambda m: depends(m, "int_markets", LISTING)),
    "fct_duplicate_sources": (
        "market.again",
        lambda m: m["sources"].update({"source.hanout.market.again": m["sources"][LISTING]}),
    ),
    "fct_hard_coded_references": (
        "int_markets",
        lambda m: model("int_markets")(m).update(raw_code="select * from pg.market.listing"),
    ),
    "fct_model_fanout": (
        "int_demand__forecast",
        lambda m: [depends(m, n, "model.hanout.int_demand__forecast") for n in ("category_niches", "offer_changes")],
    ),
    "fct_multiple_sources_joined": ("stg_crawls", lambda m: depends(m, "stg_crawls", MOVEMENT)),
    "fct_rejoining_of_upstream_concepts": (
        "int_demand_days",
        lambda m: depends(m, "int_demand__forecast", "model.hanout.stg_stock_movements"),
    ),
    "fct_root_models": ("stg_crawls", lambda m: model("stg_crawls")(m)["depends_on"]["nodes"].clear()),
    "fct_source_fanout": ("market.listing", lambda m: depends(m, "stg_crawls", LISTING)),
    "fct_staging_dependent_on_marts_or_intermediate": (
        "stg_crawls",
        lambda m: depends(m, "stg_crawls", "model.hanout.int_markets"),
    ),
    "fct_staging_dependent_on_staging": (
        "stg_crawls",
        lambda m: depends(m, "stg_crawls", "model.hanout.stg_stock_movements"),
    ),
    "fct_unused_sources": (
        "shop.stock_movement",
        lambda m: model("stg_stock_movements")(m)["depends_on"]["nodes"].clear(),
    ),
    "fct_too_many_joins": (
        "int_markets",
        lambda m: depends(m, "int_markets", *[k for k in m["nodes"] if k.startswith("model.hanout.int_products")]),
    ),
    "fct_missing_primary_key_tests": ("int_markets", lambda m: without_tests(m, "int_markets")),
    "fct_test_coverage": ("int_markets", lambda m: without_tests(m, "int_markets")),
    "fct_sources_without_freshness": (
        "market.crawl",
        lambda m: m["sources"]["source.hanout.market.crawl"].update(freshness=None),
    ),
    "fct_undocumented_models": ("int_markets", lambda m: model("int_markets")(m).update(description="")),
    "fct_documentation_coverage": (
        "int_markets.market_now",
        lambda m: model("int_markets")(m)["columns"]["market_now"].update(description=" "),
    ),
    "fct_undocumented_sources": ("shop", lambda m: m["sources"][MOVEMENT].update(source_description="")),
    "fct_undocumented_source_tables": ("shop.stock_movement", lambda m: m["sources"][MOVEMENT].update(description="")),
    "fct_model_naming_conventions": ("current_offers", lambda m: model("current_offers")(m).update(name="int_offers")),
    "fct_model_directories": (
        "stg_crawls",
        lambda m: model("stg_crawls")(m).update(original_file_path="models/staging/shop/stg_crawls.sql"),
    ),
    "fct_source_directories": (
        "shop.stock_movement",
        lambda m: m["sources"][MOVEMENT].update(original_file_path="models/sources.yml"),
    ),
    "fct_test_directories": (
        "int_markets",
        lambda m: model("int_markets")(m).update(patch_path="hanout://models/x.yml"),
    ),
    "fct_chained_views_dependencies": ("int_trends__parts", chain_of_views),
    "fct_exposure_parents_materializations": (
        "storefront",
        lambda m: model("current_offers")(m)["config"].update(materialized="view"),
    ),
    "fct_exposures_dependent_on_private_models": (
        "storefront",
        lambda m: model("current_offers")(m).update(access="protected"),
    ),
    "fct_public_models_without_contract": (
        "current_offers",
        lambda m: model("current_offers")(m)["contract"].update(enforced=False),
    ),
    "fct_undocumented_public_models": (
        "current_offers",
        lambda m: model("current_offers")(m)["columns"]["title"].update(description=""),
    ),
    "ours_grain_first": (
        "int_markets",
        lambda m: model("int_markets")(m).update(description="Markets. One row per market."),
    ),
    "ours_marts_are_public": ("int_markets", lambda m: model("int_markets")(m).update(access="public")),
    "ours_unit_tests": ("int_markets", lambda m: m["unit_tests"].clear()),
    "ours_kept_rows_are_bound_to_their_sql": (
        "stg_observations",
        lambda m: model("stg_observations")(m)["config"].update({"post-hook": []}),
    ),
    "ours_limits_of_columns": ("category_niches.margin_room", lambda m: without_tests(m, "category_niches")),
}
"""For each rule what breaks it, and the name that it then has to give."""


def test_every_rule_is_shown_to_fail() -> None:
    assert set(BROKEN) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_finds_what_breaks_it(rule: str, manifest: Manifest) -> None:
    name, spoil = BROKEN[rule]
    assert name not in set(RULES[rule](Graph(manifest)))
    spoiled = orjson.loads(orjson.dumps(manifest))
    spoil(spoiled)
    assert name in set(RULES[rule](Graph(spoiled)))
