# Hanout. `make` or `make help` lists what can be made.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH := $(CURDIR)
.DEFAULT_GOAL := help
.PHONY: help install install-dev run test lint format bench export lock docs clean browser

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed ## Install what is locked into .venv

install-dev: $(VENV)/installed-dev ## Install the tools for tests and checks as well

run: install ## Live through the demo market, then serve shop and console on http://127.0.0.1:8000
	@$(BIN)/python -m demo.run

test: install-dev browser ## Run all tests (only="tests/reseller -x" for a part)
	@$(BIN)/python -m pytest $(or $(only),-n $(or $(workers),2) --dist loadgroup)

lint: install-dev ## Check style, types, imports and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint analytics_sql --disable-progress-bar

format: install-dev ## Put code and SQL in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix analytics_sql --disable-progress-bar

bench: install-dev ## Measure; writes benchmarks/results.json and README.md (only="store" for a part)
	@$(BIN)/python -m benchmarks $(only)

export: install ## Write the marts as Parquet to .data/export (folder=... for another place)
	@$(BIN)/python -m database export $(folder)

docs: install ## Make what is generated: docs/DATA_MODEL.md, .env.example and the dbt docs (docs/site/index.html)
	@$(BIN)/python -m database diagram
	@$(BIN)/python -m config > .env.example
	@$(BIN)/python -m analytics_sql.docs_site

lock: $(BIN)/uv ## Lock what pyproject.toml asks for, with hashes and without addresses (upgrade=1: the newest)
	@$(BIN)/uv pip compile -q $(if $(upgrade),-U) --universal --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q $(if $(upgrade),-U) --universal --generate-hashes --no-emit-index-url pyproject.toml --group dev \
		-c requirements.lock -o requirements-dev.lock

clean: ## Remove what was made: .venv, caches, and with all=1 the data too
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache analytics_sql/target analytics_sql/logs docs/site
	$(if $(all),rm -rf .data)

browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
		echo "Installing Chromium for the browser tests ..."; \
		if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
		else echo "The browser tests need Chromium: sudo apt-get install chromium" >&2; exit 1; fi; }

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Hanout needs Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "No venv module: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock

$(VENV)/installed: requirements.lock $(BIN)/uv
	@echo "Installing what requirements.lock names ..."
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --compile-bytecode --require-hashes -r $< || \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --compile-bytecode --require-hashes -r $< || \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@
