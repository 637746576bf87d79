# make chat   sets everything up, indexes the sample article and opens the web chat
# make test   sets everything up and runs every test
.DEFAULT_GOAL := help
PYTHON ?= python3
INDEX ?= $(CURDIR)/.demo/index
PORT ?=
BIN := .venv/bin
# Versions that were tested; `make CONSTRAINTS=` installs the newest that pyproject.toml allows.
CONSTRAINTS ?= constraints.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(if $(CONSTRAINTS),-c $(CONSTRAINTS))

.PHONY: help chat test check lint types clean

help:
	@sed -n 's/^# //p' Makefile | head -2

# Stamps are files inside .venv, so nothing is installed twice and both commands work again without a network.
.venv/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	touch $@

.venv/footnote: .venv/python pyproject.toml $(CONSTRAINTS)
	@echo "Installing Footnote into .venv (some minutes, about 2 GB) ..."
	$(INSTALL) -e .
	touch $@

.venv/tests: .venv/footnote
	$(INSTALL) -e '.[test,training]'
	touch $@

.venv/chromium: .venv/tests
	PYTHON=$(BIN)/python sh tests/install_chromium.sh
	touch $@

chat: .venv/footnote
	$(BIN)/qa add examples --index "$(INDEX)"
	$(BIN)/qa chat --index "$(INDEX)" --examples examples/karabakh_questions.json $(if $(PORT),--port $(PORT))

test: .venv/tests .venv/chromium
	$(BIN)/python -m pytest

lint: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/tests
	$(BIN)/mypy

check: lint types test

clean:
	rm -rf .venv .demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
