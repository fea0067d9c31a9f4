# What a person types here. Every target sets up what it needs in .venv.
# Needs only python3 (3.11 or newer) with pip and venv, git and make.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test check test-all bench fix clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@echo "make demo      set up and show the main job, with no key and no network"
	@echo "make test      set up and run the tests (under 5 minutes)"
	@echo "make check     format, lint, types, room borders, tests"
	@echo "make test-all  the tests, the long sweeps, and those with a PostgreSQL server"
	@echo "make bench     measure; writes BENCHMARKS.md (data in ../shared is used when it is there)"
	@echo "make fix       format and mend what a machine can mend"

.venv/core: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) -e .
	@touch $@

.venv/dev: .venv/core
	$(INSTALL) -e '.[dev]'
	@touch $@

demo: .venv/core
	$(BIN)/workings demo

test: .venv/dev
	$(BIN)/python -m pytest -q -n 2

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

.venv/all: .venv/dev
	$(INSTALL) -e '.[test-all]'
	@touch $@

test-all: .venv/all
	$(BIN)/python -m pytest -q -n 2 -m ""

bench: .venv/dev
	$(BIN)/python bench/all.py

fix: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
