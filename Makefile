# `make help` lists what there is. Everything lives in .venv, node_modules and var; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ASSETS := salam/web/static/dist/.built

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-debian check fmt lint types imports migrations audit assets messages docs pins clean

help: ## Show these lines
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

setup: $(INSTALLED) $(ASSETS) ## Create the environment from the pinned files and build the assets

$(INSTALLED): requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Salam needs Python 3.11 or newer: install it, or name one with PYTHON=python3.12 make …"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "Python has no venv module: on Debian, apt-get install python3-venv, then try again."; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(ASSETS): $(INSTALLED) package.json package-lock.json build.mjs $(wildcard assets/*) salam/locale/en/LC_MESSAGES/django.po
	@$(BIN)/salam assets
	@touch $@

demo: setup ## The main job on real places: load, register, match, then serve on http://localhost:8000
	@$(BIN)/salam demo --scale small

run: setup ## Start the database and the site, without demo data
	@$(BIN)/salam up

check: setup lint types imports migrations audit ## Everything but the tests

test: setup ## All tests: embedded PostgreSQL, then the database tests on Debian's PostgreSQL 15
	@$(BIN)/python -m tests.requirements
	@# Compiled once and kept, so that the workers of the tests do not each compile the engine.
	@$(BIN)/python -c "from salam.engine import example, solve; solve(example.example_problem())"
	@$(BIN)/python -m pytest
	@$(BIN)/python -m tests.debian_postgres

fmt: setup ## Format code and templates
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@git ls-files -z '*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 || true

lint: setup ## Style, templates, spelling, unused or missing dependencies
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint --lint --quiet salam
	@$(BIN)/typos
	@$(BIN)/deptry .

types: setup ## mypy, strict
	@$(BIN)/mypy

imports: setup ## The contracts between rooms
	@$(BIN)/lint-imports

migrations: setup ## None missing, one line of history, no long locks
	@$(BIN)/python .ci/migrations.py

audit: setup ## Known vulnerabilities in what we ship and use
	@$(BIN)/python .ci/audit.py

assets: setup ## Build style sheets, scripts and fonts
	@$(BIN)/salam assets

messages: setup ## Renew the English sentences from the code; tells which still wait for a translation
	@$(BIN)/salam messages

docs: setup ## Draw the parts of the documentation that come from the code
	@$(BIN)/python -m docs.draw

pins: $(INSTALLED) ## Renew the pinned requirement files from the .in files
	@for name in bootstrap base dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
			--no-emit-index-url --upgrade requirements/$$name.in -o requirements/$$name.txt; done

clean: ## Remove the environment and built files (never var, which holds data)
	rm -rf $(VENV) node_modules salam/web/static/dist
