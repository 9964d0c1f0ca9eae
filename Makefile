# Bảng Xanh. `make` alone lists what there is; `make demo` is all that a first visit takes.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8000
INSTANCE ?= instance
export PORT INSTANCE PYTHON

VENV := .venv/bin
# How many tests run side by side: one more than there are processors, since each waits now and then for a browser,
# a disk or a server of its own.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))
PACKAGES := app attendance classroom reports
FRONTEND := $(shell find $(PACKAGES) -path '*/frontend/*' -type f) $(wildcard $(addsuffix /translations/en.json,$(PACKAGES))) vite.config.ts tsconfig.json package.json
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(addsuffix /translations/*/LC_MESSAGES/messages.po,$(PACKAGES))))
KEYWORDS := -k say -k N_ -k lazy_gettext -k lazy_ngettext:1,2
UV_COMPILE := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

.PHONY: help setup demo test check check-types check-style check-frontend bench attack faults screenshots format messages lock clean system test-system

help: ## list the targets
	@echo "make <target> [PORT=8000] [INSTANCE=instance] [ARGS=...]"; echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

setup: .venv/.stamp node_modules/.stamp app/static/dist/.stamp $(CATALOGUES) ## install everything into .venv and node_modules, build the front end

demo: setup ## run a pilot ward with invented people on PORT (and the hub on PORT+1), in the folder INSTANCE
	@$(VENV)/flask --app wsgi demo run

test: setup test-system ## run every test, front end first; ARGS='-k register' goes to pytest
	@$(if $(FRONTEND_TESTED),echo "front-end tests: they have just passed in make check",npm test --silent)
	@$(VENV)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## lint, types and import contracts of both languages
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target check-types check-style check-frontend

check-types:
	@$(VENV)/mypy

check-style:
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/lint-imports

check-frontend:
	@npm run --silent typecheck
	@npm test --silent

bench: setup test-system ## measure; the figures go to bench/results
	@$(VENV)/python -m bench $(ARGS)

attack: setup ## attack the disclosure control on 1,000 generated hierarchies (the suite takes 60), compare it with Tau-Argus, reopen 10,000 generated tables
	@$(VENV)/python -m bench --suppression 100
	@HIERARCHIES=1000 TABLES=10000 $(VENV)/pytest --timeout 3600 tests/reports/disclosure tests/reports/releases/test_rules.py tests/reports/exports/test_cells.py $(ARGS)

faults: setup test-system ## kill, fill and disconnect things, and see that nothing acknowledged is lost
	@SAVES=$${SAVES:-10000} KILLS=$${KILLS:-20} SCHEDULES=$${SCHEDULES:-200} $(VENV)/pytest tests/faults tests/browser/test_schedules.py $(ARGS)

screenshots: setup test-system ## take the pictures of docs/screenshots
	@$(VENV)/python -m tests.browser.screenshots $(ARGS)

format: setup ## let ruff format the Python code and mend what it can
	@$(VENV)/ruff check --fix . ; $(VENV)/ruff format .

messages: setup ## bring the English catalogues up to date with the source; then fill in each empty msgstr (PACKAGES=reports for one)
	@for package in $(PACKAGES); do \
	  catalogue=$$package/translations/en/LC_MESSAGES/messages.po; template=$$(mktemp); \
	  $(VENV)/pybabel -q extract -F pyproject.toml $(KEYWORDS) --no-location --sort-output -o $$template $$package; \
	  if [ -f $$catalogue ]; then $(VENV)/pybabel -q update -N --ignore-obsolete --ignore-pot-creation-date --no-wrap -l en -i $$template -o $$catalogue; \
	  else mkdir -p $$(dirname $$catalogue); $(VENV)/pybabel -q init --no-wrap -l en -i $$template -o $$catalogue; fi; \
	  rm $$template; done

lock: .venv/.stamp ## choose the newest Python packages that requirements*.in allow, and pin them by hash
	@$(UV_COMPILE) --upgrade requirements.in -o requirements.lock
	@$(UV_COMPILE) --upgrade -c requirements.lock requirements-dev.in -o requirements-dev.lock

clean: ## remove what setup and the tests made; your INSTANCE folders stay
	rm -rf .venv node_modules app/static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(PACKAGES) -name '*.mo' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system:
	@tools/install-system

test-system:
	@tools/install-system --tests

# A stamp lies in the folder that it vouches for, so that removing the folder is enough to have it made again.

.venv/.stamp: requirements-dev.lock | system
	@echo "Python packages into .venv (a minute or so the first time)"
	@test -x $(VENV)/python || $(PYTHON) -m venv .venv
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.stamp: package-lock.json | system
	@echo "Front-end packages into node_modules"
	@npm ci --silent --no-audit --no-fund
	@touch $@

app/static/dist/.stamp: node_modules/.stamp $(FRONTEND)
	@npm run --silent build
	@touch $@

%.mo: %.po | .venv/.stamp
	@$(VENV)/pybabel -q compile -i $< -o $@
