# Rasd: `make demo` shows it, `make test` tests it; `make` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
LANDING ?= $(or $(RASD_LANDING),seeds)
LAKE ?= $(or $(RASD_LAKE),lake)
PORT ?= 8080

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCKED := requirements.txt requirements-deploy.txt requirements-dev.txt requirements-docs.txt requirements-uv.txt
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
export VIRTUAL_ENV := $(VENV)
export PATH := $(BIN):$(PATH)

# Airflow on its embedded SQLite, in .airflow
AIRFLOW_HOME ?= $(CURDIR)/.airflow
DATABASE := $(AIRFLOW_HOME)/.migrated
export AIRFLOW_HOME
export AIRFLOW__CORE__DAGS_FOLDER := $(CURDIR)/dags
export AIRFLOW__CORE__PLUGINS_FOLDER := $(CURDIR)/plugins
export AIRFLOW__CORE__LOAD_EXAMPLES := False
export AIRFLOW__CORE__EXECUTOR := LocalExecutor
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL := http://127.0.0.1:$(PORT)/execution/
export AIRFLOW__API__HOST := 127.0.0.1
export AIRFLOW__API__PORT := $(PORT)
# $(abspath …) would break a name with spaces in two
absolute = $(shell $(PYTHON) -c 'import os, sys; print(os.path.abspath(sys.argv[1]))' "$(1)")
export RASD_LANDING := $(if $(findstring ://,$(LANDING)),$(LANDING),$(call absolute,$(LANDING)))
export RASD_LAKE := $(if $(findstring ://,$(LAKE)),$(LAKE),$(call absolute,$(LAKE)))
export RASD_POOL := rasd

.DEFAULT_GOAL := help
.PHONY: help install demo airflow env test test-long test-bi faults lint audit docs site train-ner lock clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

install: $(READY)  ## set up .venv with the locked requirements

$(READY): $(LOCKED) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "Rasd needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.12 install"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-uv.txt
	uv pip sync --quiet --require-hashes $(LOCKED)
	uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DATABASE): $(READY)
	@mkdir -p $(AIRFLOW_HOME)
	@airflow db migrate >$(AIRFLOW_HOME)/migrate.log 2>&1 || { cat $(AIRFLOW_HOME)/migrate.log; exit 1; }
	@airflow pools set $(RASD_POOL) 2 "Transform tasks of Rasd: one a core" >>$(AIRFLOW_HOME)/migrate.log 2>&1 || { cat $(AIRFLOW_HOME)/migrate.log; exit 1; }
	@touch $@

demo: $(DATABASE)  ## run the DAG over LANDING=seeds into LAKE=lake and print what came out
	@echo "Airflow runs rasd_nightly over $(RASD_LANDING) (its log: $(AIRFLOW_HOME)/demo.log) ..."
	@# no deadline: Airflow 3.3's `dags test` fails at the end of every run that has one
	@RASD_LATE_AFTER_MINUTES=0 airflow dags test rasd_nightly >$(AIRFLOW_HOME)/demo.log 2>&1 || { tail -40 $(AIRFLOW_HOME)/demo.log; exit 1; }
	@airflow tasks states-for-dag-run rasd_nightly "$$(grep -om1 'run_id=manual__[^, ]*' $(AIRFLOW_HOME)/demo.log | cut -d= -f2)" --output plain 2>/dev/null \
		| awk 'NR > 1 {print $$5, $$3, $$4}' | sort | cut -d' ' -f2- | column -t
	@echo
	@rasd report

airflow: $(DATABASE)  ## start Airflow with its UI on PORT=8080
	@echo "Airflow is starting; its log: $(AIRFLOW_HOME)/airflow.log"
	@airflow standalone >$(AIRFLOW_HOME)/airflow.log 2>&1 & pid=$$!; trap 'kill -INT $$pid; wait $$pid' INT TERM; \
	until python -c 'import urllib.request; urllib.request.urlopen("http://127.0.0.1:$(PORT)/api/v2/monitor/health")' 2>/dev/null; do \
		kill -0 $$pid || { tail -20 $(AIRFLOW_HOME)/airflow.log; exit 1; }; sleep 1; \
	done; \
	echo "Airflow: http://127.0.0.1:$(PORT)"; \
	echo "Login (user: password): $$(tr -d '{}"' <$(AIRFLOW_HOME)/simple_auth_manager_passwords.json.generated)"; \
	echo "Ctrl-C stops it."; wait $$pid

env:  ## write .env with new secrets for docker compose (docs/deployment.md)
	@$(PYTHON) deploy/write_env.py

test: install  ## run all tests
	pytest -n 2 --dist loadfile --no-loadscope-reorder

test-long: install  ## run the tests that take minutes each
	pytest -m long --timeout 3600

faults: install  ## hurt KILLS=200 runs on a lake on STORE=disk (or s3) in every way known, an hour or so of one core
	python -m tests.faults.harness --kills $(or $(KILLS),200) --store $(or $(STORE),disk)

test-bi: install .venv-superset/.ready .venv-spark/.ready  ## run the tests of Superset and Spark, in environments of their own
	pytest -m long --timeout 3600 tests/bi

.venv-%/.ready: requirements-%.txt $(READY)
	$(PYTHON) -m venv .venv-$*
	VIRTUAL_ENV=$(CURDIR)/.venv-$* uv pip sync --quiet --require-hashes $<
	@touch $@

lint: install  ## check style and types
	ruff check .
	ruff format --check .
	mypy

audit: install  ## ask PyPI for known vulnerabilities of everything that is locked
	for file in $(LOCKED) $(foreach name,neural spark superset train,requirements-$(name).txt); do \
		pip-audit --strict --vulnerability-service pypi --no-deps --disable-pip --progress-spinner off -r $$file || exit 1; done

docs: install  ## make the generated documentation anew
	rasd schema >docs/data-dictionary.md
	rasd views >docs/views.md
	python bi/dashboard.py

site: install  ## build the documentation as a site in site/; open site/index.html
	mkdocs build --quiet --strict

train-ner: $(READY)  ## train the embedded tagger anew (forty minutes of one free core): make train-ner SHARED=../shared VERSION=1.1
	$(BIN)/uv pip install --quiet --no-deps --require-hashes --target .train/packages -r requirements-train.txt
	PYTHONPATH=include:.:.train/packages OMP_NUM_THREADS=1 $(BIN)/python -m train.ner $(or $(SHARED),../shared) .train --version $(VERSION)

lock: $(READY)  ## lock the requirements anew
	$(COMPILE) --override requirements-overrides.txt requirements.in -o requirements.txt
	for name in uv deploy dev docs neural spark superset train; do $(COMPILE) requirements-$$name.in -o requirements-$$name.txt || exit 1; done

clean:  ## remove the virtual environment and Airflow's home; the lake stays
	rm -rf $(VENV) $(VENV)-superset $(VENV)-spark $(CURDIR)/.airflow
