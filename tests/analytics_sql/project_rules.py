"""dbt-project-evaluator's rules, under the package's own names, over a manifest; and four of this house.

The package comes from dbt's package hub, which a machine without an outside does not reach. Each rule gives the names
of what breaks it. What may is in `evaluator_exceptions.csv`, with the reason, in the form of the package's own seed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from analytics_sql.manifest import tests_of, unique_keys

FANOUT, JOINS, CHAINED_VIEWS = 3, 7, 5
LAYERS = {"staging": "stg_", "intermediate": "int_", "marts": ""}
TABLES = {"table", "replaced", "incremental", "mart", "seed"}
RULE_IN_SQL = re.compile(r"\b(case|over|where|group by|having|filter|union|except|least|greatest|coalesce|distinct)\b")
FOREIGN_TABLE = re.compile(r'(?<!distinct )\b(?:from|join)\s+(?:"?\w+"?\."?\w+"?|\{\{\s*(?:var|env_var)\b)', re.I)

Node = dict[str, Any]
Rule = Callable[["Graph"], Iterator[str]]


class Graph:
    """A manifest's models, sources and exposures, and who depends on whom."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        nodes = manifest["nodes"]
        self.nodes: dict[str, Node] = {**nodes, **manifest["sources"]}
        self.models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
        self.sources: dict[str, Node] = manifest["sources"]
        self.exposures: dict[str, Node] = manifest["exposures"]
        self.parents = {key: list(dict.fromkeys(node["depends_on"]["nodes"])) for key, node in self.models.items()}
        self.children: dict[str, list[str]] = {key: [] for key in self.nodes}
        for key, parents in self.parents.items():
            for parent in parents:
                self.children[parent].append(key)

    def of(self, layer: str) -> Iterator[tuple[str, Node]]:
        return ((key, node) for key, node in self.models.items() if layer_of(node) == layer)

    def sources_of(self, key: str) -> list[str]:
        return [parent for parent in self.parents[key] if parent in self.sources]


def layer_of(node: Node) -> str:
    return next((part for part in reversed(PurePosixPath(node["original_file_path"]).parts) if part in LAYERS), "other")


def called(key: str) -> str:
    """`int_markets`, `trending_products.v1`, `market.listing`."""
    return key.split(".", 2)[2]


def fct_direct_join_to_source(graph: Graph) -> Iterator[str]:
    """A model that reads a source reads nothing else."""
    for key, parents in graph.parents.items():
        if graph.sources_of(key) and any(parent in graph.models for parent in parents):
            yield called(key)


def fct_marts_or_intermediate_dependent_on_source(graph: Graph) -> Iterator[str]:
    """Only staging reads sources."""
    yield from (
        called(key) for key, node in graph.models.items() if layer_of(node) != "staging" and graph.sources_of(key)
    )


def fct_duplicate_sources(graph: Graph) -> Iterator[str]:
    """A table is declared as a source once."""
    seen: set[tuple[str, ...]] = set()
    for key, source in graph.sources.items():
        table = (source["database"], source["schema"], source["identifier"])
        if table in seen:
            yield called(key)
        seen.add(table)


def fct_hard_coded_references(graph: Graph) -> Iterator[str]:
    """A table is named through ref() or source()."""
    for key, node in graph.models.items():
        if node["language"] == "sql" and FOREIGN_TABLE.search(re.sub(r"--.*|\{#.*?#\}", "", node["raw_code"])):
            yield called(key)


def fct_model_fanout(graph: Graph) -> Iterator[str]:
    """A model with many childless children wants a step between."""
    for key in graph.models:
        if len([child for child in graph.children[key] if not graph.children[child]]) >= FANOUT:
            yield called(key)


def fct_multiple_sources_joined(graph: Graph) -> Iterator[str]:
    """A model reads one source."""
    yield from (called(key) for key in graph.models if len(graph.sources_of(key)) > 1)


def fct_rejoining_of_upstream_concepts(graph: Graph) -> Iterator[str]:
    """A model that serves one other model is not joined there with its own parent again. Names the one between."""
    for child, parents in graph.parents.items():
        for between in parents:
            if graph.children[between] == [child] and set(graph.parents.get(between, [])) & set(parents):
                yield called(between)


def fct_root_models(graph: Graph) -> Iterator[str]:
    """A model comes from something."""
    yield from (called(key) for key, parents in graph.parents.items() if not parents)


def fct_source_fanout(graph: Graph) -> Iterator[str]:
    """A source is staged once."""
    yield from (called(key) for key in graph.sources if len(graph.children[key]) > 1)


def fct_staging_dependent_on_marts_or_intermediate(graph: Graph) -> Iterator[str]:
    """Staging reads nothing that is made of it."""
    return (called(key) for key, layer in _staging_parents(graph) if layer in ("intermediate", "marts"))


def fct_staging_dependent_on_staging(graph: Graph) -> Iterator[str]:
    """Staging reads sources only."""
    return (called(key) for key, layer in _staging_parents(graph) if layer == "staging")


def _staging_parents(graph: Graph) -> Iterator[tuple[str, str]]:
    for key, _ in graph.of("staging"):
        yield from ((key, layer_of(graph.models[p])) for p in graph.parents[key] if p in graph.models)


def fct_unused_sources(graph: Graph) -> Iterator[str]:
    """A source is read."""
    yield from (called(key) for key in graph.sources if not graph.children[key])


def fct_too_many_joins(graph: Graph) -> Iterator[str]:
    """A model joins fewer than seven."""
    yield from (called(key) for key, parents in graph.parents.items() if len(parents) >= JOINS)


def fct_missing_primary_key_tests(graph: Graph) -> Iterator[str]:
    """A model's rows are unique by columns that are never null: both tested, or the second held by the contract."""
    for key, node in graph.models.items():
        tests = [test for test in tests_of(graph.manifest, node) if test["test_metadata"]["name"] == "not_null"]
        promised = [
            c["name"] for c in node["columns"].values() if any(k["type"] == "not_null" for k in c["constraints"])
        ]
        filled = {test["column_name"] for test in tests} | set(promised if node["contract"]["enforced"] else [])
        one_row = any(test["test_metadata"]["name"] == "one_row" for test in tests_of(graph.manifest, node))
        if not one_row and not any(filled.issuperset(columns) for columns in unique_keys(graph.manifest, node)):
            yield called(key)


def fct_test_coverage(graph: Graph) -> Iterator[str]:
    """Every model has a test."""
    yield from (called(key) for key, node in graph.models.items() if not tests_of(graph.manifest, node))


def fct_sources_without_freshness(graph: Graph) -> Iterator[str]:
    """Of every source it can be told when it is stale."""
    for key, source in graph.sources.items():
        limits = source["freshness"] or {}
        if not source["loaded_at_field"] or not (limits.get("error_after") or {}).get("count"):
            yield called(key)


def fct_undocumented_models(graph: Graph) -> Iterator[str]:
    """Every model says what it is."""
    yield from (called(key) for key, node in graph.models.items() if not node["description"].strip())


def fct_documentation_coverage(graph: Graph) -> Iterator[str]:
    """Every column that is named says what it is."""
    for key, node in graph.models.items():
        yield from (f"{called(key)}.{c['name']}" for c in node["columns"].values() if not c["description"].strip())


def fct_undocumented_sources(graph: Graph) -> Iterator[str]:
    """Every source says what it is."""
    yield from sorted({s["source_name"] for s in graph.sources.values() if not s["source_description"].strip()})


def fct_undocumented_source_tables(graph: Graph) -> Iterator[str]:
    """Every table of a source says what it is."""
    yield from (called(key) for key, source in graph.sources.items() if not source["description"].strip())


def fct_model_naming_conventions(graph: Graph) -> Iterator[str]:
    """stg_ and int_ tell the layer; a mart bears the name that its readers know, without a layer's prefix."""
    for key, node in graph.models.items():
        prefix = next((p for p in LAYERS.values() if p and node["name"].startswith(p)), "")
        if layer_of(node) == "other" or prefix != LAYERS[layer_of(node)]:
            yield called(key)


def fct_model_directories(graph: Graph) -> Iterator[str]:
    """A staging model lies in its source's folder, any other under its layer's."""
    for key, node in graph.models.items():
        folders = PurePosixPath(node["original_file_path"]).parts[:-1]
        sources = {graph.sources[source]["source_name"] for source in graph.sources_of(key)}
        if folders[:2] != ("models", layer_of(node)) or not sources <= set(folders):
            yield called(key)


def fct_source_directories(graph: Graph) -> Iterator[str]:
    """A source is declared in its folder of staging."""
    for key, source in graph.sources.items():
        if PurePosixPath(source["original_file_path"]).parts[:-1] != ("models", "staging", source["source_name"]):
            yield called(key)


def fct_test_directories(graph: Graph) -> Iterator[str]:
    """A model's tests are declared in its folder."""
    for key, node in graph.models.items():
        declared = (node["patch_path"] or "://").split("://")[1]
        if PurePosixPath(declared).parent != PurePosixPath(node["original_file_path"]).parent:
            yield called(key)


def fct_chained_views_dependencies(graph: Graph) -> Iterator[str]:
    """No long chain of views that is computed anew at every reading."""

    def length(key: str) -> int:
        if graph.nodes[key].get("config", {}).get("materialized") not in ("view", "ephemeral"):
            return 0
        return 1 + max(map(length, graph.parents.get(key, [])), default=0)

    yield from (called(key) for key in graph.models if length(key) >= CHAINED_VIEWS)


def fct_exposure_parents_materializations(graph: Graph) -> Iterator[str]:
    """Who reads from outside reads tables of ours, and no source."""
    for exposure in graph.exposures.values():
        parents = exposure["depends_on"]["nodes"]
        if any(graph.nodes[p].get("config", {}).get("materialized") not in TABLES for p in parents):
            yield exposure["name"]


def fct_exposures_dependent_on_private_models(graph: Graph) -> Iterator[str]:
    """Who reads from outside reads what is public."""
    for exposure in graph.exposures.values():
        if any(graph.models[p]["access"] != "public" for p in exposure["depends_on"]["nodes"] if p in graph.models):
            yield exposure["name"]


def fct_public_models_without_contract(graph: Graph) -> Iterator[str]:
    """What is public has a contract."""
    for key, node in graph.models.items():
        if node["access"] == "public" and not node["contract"]["enforced"]:
            yield called(key)


def fct_undocumented_public_models(graph: Graph) -> Iterator[str]:
    """What is public is described, with all its columns."""
    for key, node in graph.models.items():
        if node["access"] == "public":
            texts = [node["description"], *(column["description"] for column in node["columns"].values())]
            if not node["columns"] or not all(text.strip() for text in texts):
                yield called(key)


def ours_grain_first(graph: Graph) -> Iterator[str]:
    """A description begins with the grain."""
    yield from (
        called(k) for k, node in graph.models.items() if not re.match(r"One row( per |\.)", node["description"])
    )


def ours_marts_are_public(graph: Graph) -> Iterator[str]:
    """Marts are what others may read, and only they are."""
    for key, node in graph.models.items():
        if (layer_of(node) == "marts") != (node["access"] == "public"):
            yield called(key)


def ours_unit_tests(graph: Graph) -> Iterator[str]:
    """A model whose SQL decides something has a unit test."""
    tested = {unit["depends_on"]["nodes"][0] for unit in graph.manifest["unit_tests"].values()}
    for key, node in graph.models.items():
        code = re.sub(r"--.*", "", node["raw_code"])
        if key not in tested and (node["language"] == "python" or RULE_IN_SQL.search(code)):
            yield called(key)


def ours_kept_rows_are_bound_to_their_sql(graph: Graph) -> Iterator[str]:
    """A model whose rows are kept writes down what made them, in the transaction that wrote them."""
    for key, node in graph.models.items():
        hooks = [hook["sql"] for hook in node["config"].get("post-hook", []) if hook["transaction"]]
        if node["config"]["materialized"] == "incremental" and not any("keep_fingerprint()" in sql for sql in hooks):
            yield called(key)


def ours_limits_of_columns(graph: Graph) -> Iterator[str]:
    """A mart's column that says `0 to 1` is tested to be; one that counts is tested not to be negative."""
    for key, node in graph.of("marts"):
        tests = tests_of(graph.manifest, node)
        tested = {test["column_name"] for test in tests if test["test_metadata"]["name"] in ("within", "at_least")}
        stated = " ".join(t["test_metadata"]["kwargs"].get("expression", "") for t in tests)
        for column in node["columns"].values():
            limited = re.match(r"0 to \d", column["description"]) or column["name"].endswith("_count")
            if limited and column["name"] not in tested and column["name"] not in stated:
                yield f"{called(key)}.{column['name']}"


RULES: dict[str, Rule] = {n: rule for n, rule in list(globals().items()) if n.startswith(("fct_", "ours_"))}
