# `make help` lists the targets. Nothing has to be there before but make and Python 3.11 or newer.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python

# The first of these that is new enough and can make a virtual environment with pip.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$p && break; done)
UV ?= $(or $(wildcard $(BIN)/uv),uv)
UPGRADE ?=
AUDIT ?=

PIP := $(PY) -m pip --disable-pip-version-check --quiet
# The locks are whole: a pip that looked for more would fail as soon as a newer release of it exists.
INSTALL := $(PIP) install --require-hashes --no-deps
LOCK := $(UV) --no-config pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
	--universal --python-version 3.11 $(UPGRADE)

# Tests wait for processes and clocks about as much as they work: three more than there are cores.
# Whatever the environment says, modules are compiled once and not by every worker anew.
WORKERS = PYTHONDONTWRITEBYTECODE= PYTEST_XDIST_AUTO_NUM_WORKERS=$$($(PY) -c 'import os; print((os.cpu_count() or 2) + 3)')

# --- everyday -----------------------------------------------------------------------------------

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.runtime ## Watch weeks of a sample leaderboard go by; needs no network or token
	@$(BIN)/leaderboard-bot demo

.PHONY: run
run: $(VENV)/.runtime ## Run the daemon with ./config.toml, or without one
	@exec $(BIN)/leaderboard-bot run

.PHONY: test
test: $(VENV)/.dev ## Run every test but the longest
	@$(WORKERS) $(BIN)/pytest -n auto --dist loadgroup -m 'not long'

.PHONY: test-long
test-long: $(VENV)/.dev ## Run every test: the container, the benchmarks, a clock that is set
	@$(WORKERS) EXAMPLES=$${EXAMPLES:-long} $(BIN)/pytest -n auto --dist loadgroup

.PHONY: pictures
pictures: $(VENV)/.dev ## Write docs/messages.md and draw its pictures anew; needs Chromium
	@UPDATE_DOCS=1 REQUIRE_BROWSER=1 $(BIN)/pytest -q tests/project/test_messages_doc.py

.PHONY: screenshots
screenshots: $(VENV)/.dev ## Draw every page of docs/page.md anew; needs Chromium
	@$(PY) -m tests.web.screenshots docs

.PHONY: torture
torture: $(VENV)/.dev ## Kill it over a thousand times, on SQLite and PostgreSQL; takes minutes
	@$(PY) -m tests.torture $(SEED)

.PHONY: bench
bench: $(VENV)/.dev build/peers/.made ## Measure everything beside its peers; takes twenty quiet minutes
	@$(PY) -m benchmarks full

.PHONY: bench-quick
bench-quick: $(VENV)/.dev build/peers/.made ## The same at small sizes, within two minutes
	@$(PY) -m benchmarks quick

# Each peer has an environment of its own: what one needs must not slow the other down.
build/peers/.made: benchmarks/peers.txt
	@echo 'Installing the peers that are measured beside us'
	@while IFS== read -r peer _ version; do \
		$(PYTHON) -m venv build/peers/$$peer && build/peers/$$peer/bin/pip install --quiet \
		"$$peer==$$version" || exit 1; done < benchmarks/peers.txt
	@touch $@

.PHONY: month
month: $(VENV)/.dev ## Live through a month of boards; count what configurations say in it
	@$(PY) -m benchmarks.month

.PHONY: coverage
coverage: $(VENV)/.dev ## Run every test, measure branches, ask the pure core for all of them
	@rm -f .coverage .coverage.*
	@$(WORKERS) $(BIN)/pytest -n auto --dist loadgroup --cov --cov-report=
	@$(BIN)/coverage report --skip-covered --show-missing
	@$(BIN)/coverage report --include='bot/core/*' --fail-under=100 >/dev/null

.PHONY: check
check: $(VENV)/.dev ## Check format, lint, types, layers, spelling, Dockerfile, workflows, schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/hadolint Dockerfile
	$(BIN)/zizmor --offline --quiet .github
	$(PY) -m bot.config | cmp - config.schema.json
	.ci/no-download-hosts

.PHONY: fix
fix: $(VENV)/.dev ## Format, and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: audit
audit: $(VENV)/.audit ## List what is shipped in build/sbom.json; ask for known vulnerabilities
	@$(VENV)/audit/bin/python .ci/audit.py $(AUDIT)

.PHONY: schema
schema: $(VENV)/.dev ## Write config.schema.json anew
	$(PY) -m bot.config > config.schema.json

.PHONY: image
image: ## Build the container image
	docker build --tag leaderboard-bot .

.PHONY: lock
lock: ## Write requirements/ anew; UPGRADE=--upgrade takes newer versions
	@$(UV) --version >/dev/null 2>&1 || { \
		echo 'make lock needs uv: $(PY) -m pip install uv' >&2; exit 1; }
	$(LOCK) pyproject.toml --group build --group test --group lint -o requirements/dev.txt
	$(LOCK) pyproject.toml -c requirements/dev.txt -o requirements/runtime.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	$(LOCK) --group audit -o requirements/audit.txt

.PHONY: clean
clean: ## Remove the virtual environment and everything that tools leave behind
	rm -rf $(VENV) build dist .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment --------------------------------------------------------------------
# A stamp says what is installed, so that a second `make test` starts at once. Modules are compiled
# here because PYTHONDONTWRITEBYTECODE may keep every later start from doing it.

$(VENV)/.made:
	@test -n '$(PYTHON)' || { echo 'No Python 3.11 or newer with venv was found.' \
		'Install one (Debian: python3-venv), or name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'Making $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/.made
	@echo 'Installing the locked runtime dependencies; the first time takes about a minute'
	@$(INSTALL) --no-compile -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(PIP) check >&2
	@$(PY) -m compileall -q -j 0 $(VENV)/lib bot
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo 'Installing the locked development dependencies'
	@$(INSTALL) --no-compile -r requirements/dev.txt
	@$(PIP) check >&2
	@$(PY) -m compileall -q -j 0 $(VENV)/lib
	@touch $@

$(VENV)/.audit: requirements/audit.txt | $(VENV)/.made
	@echo 'Installing the locked tools for the audit'
	@$(PY) -m venv $(VENV)/audit
	@$(INSTALL:$(PY)=$(VENV)/audit/bin/python) -r requirements/audit.txt
	@$(PIP:$(PY)=$(VENV)/audit/bin/python) check >&2
	@touch $@
