# Every command of the project. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# The first Python on the path that is 3.11, 3.12 or 3.13; PYTHON=... overrides.
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11; do \
	$$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$candidate && break; done)
# One more than processors: tests wait for servers and for the disk. WORKERS=... overrides.
WORKERS ?= 3
PACKAGES := store sources expectations reports orchestration
DBT_FILES := $(shell find dbt_project -name '*.sql' -o -name '*.yml' -o -name '*.csv' 2>/dev/null | grep -v -e /target/ -e /logs/)

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export DAGSTER_DISABLE_TELEMETRY := 1
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false

.PHONY: help environment run serve test coverage-gate bench lint docs lock setup-system clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

run: $(VENV)/.product dbt_project/target/manifest.json  ## make the environment, run the main job on the shipped figures, print the scorecard
	@$(BIN)/ppw run

serve: $(VENV)/.product dbt_project/target/manifest.json  ## open the pages and the Dagster UI on loopback
	@$(BIN)/ppw serve

environment: $(VENV)/.dev dbt_project/target/manifest.json  ## make the development environment, and nothing else

test: $(VENV)/.dev dbt_project/target/manifest.json  ## run every test; those of the gate must reach every branch of its code
	@$(BIN)/python -m pytest -p tests.gate_coverage -n $(WORKERS) --dist loadfile --no-loadscope-reorder

coverage-gate: $(VENV)/.dev  ## the gate's tests alone, which must reach every branch of its code
	@$(BIN)/python -m pytest -q -p tests.gate_coverage tests/expectations/gate tests/store/test_state.py

bench: $(VENV)/.product dbt_project/target/manifest.json  ## time the main job and the adapters, as ratios within one run; load the pages
	@$(BIN)/python -m benchmarks.main_job
	@$(BIN)/python -m benchmarks.adapters
	@$(BIN)/python -m benchmarks.load --people 10 --seconds 30

lint: $(VENV)/.dev dbt_project/target/manifest.json  ## style, types and layer rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(PACKAGES) benchmarks docs
	@$(BIN)/lint-imports

docs: $(VENV)/.dev dbt_project/target/manifest.json  ## write the generated documents again (dictionary, schemas, commands)
	@$(BIN)/python -m docs.generate

lock: $(VENV)/.dev  ## resolve the locks again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q \
		pyproject.toml --group build -o requirements/product.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q \
		pyproject.toml --group build --group dev -o requirements/dev.txt

setup-system:  ## as root: Debian packages for the browser, PostgreSQL and fonts
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium postgresql fonts-dejavu-core fonts-liberation2

clean:  ## remove the environment and everything computed (landing and state too)
	rm -rf $(VENV) var dbt_project/target dbt_project/logs

# The development lock contains the product's, so one environment serves both.
$(VENV)/.product: requirements/product.txt pyproject.toml
	@if [ -e $(VENV)/.dev ] && [ ! requirements/dev.txt -nt $(VENV)/.dev ] && [ ! pyproject.toml -nt $(VENV)/.dev ]; then touch $@; \
	else bash requirements/install.sh "$(PYTHON)" $(VENV) requirements/product.txt && touch $@; fi

$(VENV)/.dev: requirements/dev.txt pyproject.toml
	@bash requirements/install.sh "$(PYTHON)" $(VENV) requirements/dev.txt
	@touch $@

# Dagster reads the dbt manifest at import, so it is made before anything imports the definitions.
dbt_project/target/manifest.json: $(DBT_FILES) | $(VENV)/.product
	@echo "Parsing the dbt project"
	@$(BIN)/python -m orchestration.manifest
