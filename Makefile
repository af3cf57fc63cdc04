# Rasd: `make demo` shows it, `make test` tests it. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := $(BIN)/uv pip
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.DEFAULT_GOAL := help
.PHONY: help install demo airflow test lint typecheck lock clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

install: $(READY)  ## set up .venv with the locked requirements

$(READY): requirements.txt requirements-dev.txt requirements-uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "Rasd needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 …"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-uv.txt
	$(UV) sync --quiet --require-hashes requirements.txt requirements-dev.txt requirements-uv.txt
	$(UV) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock:  ## lock the requirements anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --override requirements-overrides.txt requirements.in -o requirements.txt
	for name in uv dev neural; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header requirements-$$name.in -o requirements-$$name.txt || exit 1; done
