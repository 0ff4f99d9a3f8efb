"""Exposures say who reads which mart; the code of each says the same."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

import grimp
import pytest
import sqlalchemy as sa

import config
from database import marts

ENTRANCES = {
    "storefront": ["webapp.storefront"],
    "console": ["webapp.console"],
    "api": ["webapp.api"],
    "agent": ["reseller.cycle", "reseller.__main__"],
}
"""Where each begins; what it reads is what these and all that they import of our own name."""

TABLES = {name: table for name, table in vars(marts).items() if isinstance(table, sa.Table)}


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("reseller", "webapp", "database")


def tables_named_in(module: str) -> set[str]:
    path = config.ROOT / module.replace(".", "/")
    file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "marts":
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module == "database.marts":
            found |= {alias.name for alias in node.names}
    return found & set(TABLES)


def tables_read_by(entrances: list[str]) -> set[str]:
    graph = imports()
    own = {module for entrance in entrances for module in (entrance, *graph.find_descendants(entrance))}
    reached = own.union(*(graph.find_upstream_modules(module) for module in own))
    named = {name for module in reached if not module.startswith("database") for name in tables_named_in(module)}
    return {TABLES[name].name for name in named}


def tables_of(manifest: dict[str, Any], exposure: str) -> set[str]:
    nodes = manifest["exposures"][f"exposure.hanout.{exposure}"]["depends_on"]["nodes"]
    return {manifest["nodes"][node]["alias"] for node in nodes}


@pytest.mark.parametrize("exposure", ENTRANCES)
def test_an_exposure_depends_on_the_marts_that_its_code_reads(exposure: str, manifest: dict[str, Any]) -> None:
    assert tables_of(manifest, exposure) == tables_read_by(ENTRANCES[exposure]) != set()


def test_an_analyst_may_read_every_mart(manifest: dict[str, Any]) -> None:
    models = manifest["nodes"].values()
    public = {node["alias"] for node in models if node["resource_type"] == "model" and node["access"] == "public"}
    assert tables_of(manifest, "analysts") == public


def test_nobody_reads_marts_without_an_exposure(manifest: dict[str, Any]) -> None:
    exposed = set().union(*(tables_read_by(entrances) for entrances in ENTRANCES.values()))
    named = {
        name for module in imports().modules if not module.startswith("database") for name in tables_named_in(module)
    }
    assert {TABLES[name].name for name in named} == exposed
    assert {key.rsplit(".", 1)[1] for key in manifest["exposures"]} == {*ENTRANCES, "analysts"}


def test_every_exposure_says_whose_and_what_it_is(manifest: dict[str, Any]) -> None:
    for exposure in manifest["exposures"].values():
        assert exposure["owner"]["name"], exposure["name"]
        assert exposure["description"], exposure["name"]
        assert exposure["url"] or exposure["type"] == "analysis", exposure["name"]
