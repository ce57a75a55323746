# Song Masher. `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := flows tasks steps model storage audio catalog settings.py

# Work runs in parallel by track; threads inside one operation would only wait for each other,
# and on a busy machine they wait long.
export OMP_NUM_THREADS ?= 1
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all check format chaos bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with everything pinned

$(READY): requirements.txt requirements-dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Song Masher needs Python 3.11 or newer, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

# The demo reads and fills folders; SOURCE=youtube and STORE=gdrive run it through a YouTube and a
# Google Drive on this machine instead.
SOURCE ?= folder
STORE ?= folder

demo: $(READY) ## the whole line on songs that a band in code plays: a night, a model, mashups
	$(BIN)/python -m flows demo --source $(SOURCE) --store $(STORE)

test: $(READY) ## the everyday tests
	$(BIN)/python -m pytest

test-all: $(READY) ## all tests, the long ones too
	$(BIN)/python -m pytest -m ''

check: $(READY) ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## put the code in its standard form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# How often a run is killed in each world; 200 take about a quarter of an hour.
CHAOS_KILLS ?= 200

chaos: $(READY) ## kill nightly runs at random moments, on a folder and on a Drive that fails
	CHAOS_KILLS=$(CHAOS_KILLS) $(BIN)/python -m tests.chaos

bench: $(READY) ## measure speed and accuracy against named rivals
	$(BIN)/python -m benchmarks

clean: ## remove the virtual environment and what the demo made
	rm -rf $(VENV) demo
