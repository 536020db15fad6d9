# Two commands for a newcomer: `make demo` and `make test`. Both install what they need into .venv first.
# Needs Python 3.11 or newer, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8642
WORKERS ?= 2
ENGINE ?= embedded
KILLS ?= 50
RUN_LOCK := requirements.lock
SERVER_LOCK := requirements-server.lock
DEV_LOCK := requirements-dev.lock
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" --quiet

.DEFAULT_GOAL := help
.PHONY: help demo demo-teams test static bench torture format texts lock clean

help:
	@echo "make demo    the whole product in a browser, without a Slack account"
	@echo "make demo-teams  the same in Microsoft's Agents Playground, without Teams; needs Node with npm"
	@echo "make test    formatter, linter, types, import contracts, migrations, tests"
	@echo "make bench   list the benchmarks; BENCH=all runs them, BENCH='all --quick' shorter"
	@echo "make torture  kill the product while it sends; ENGINE=embedded|procrastinate KILLS=50"
	@echo "make format  format the code"
	@echo "make texts   collect every text that people read, for translators"
	@echo "make lock    renew the locked dependencies (needs uv)"
	@echo "make clean   remove everything that was made here"

demo: $(VENV)/.run
	@$(BIN)/rollcall demo --port $(PORT)

# The page's port; the bot and the playground behind it take any that are free.
DEMO_PORT ?= 8643
demo-teams: $(VENV)/.teams
	@$(BIN)/rollcall demo-teams --port $(DEMO_PORT) --folder $(VENV)/agents-playground

# The last line is pytest's own: how many passed, failed and were skipped.
# By file: the tests of the demo's week follow one another, and each of them needs the same demo and browser.
test: static
	@echo "--- tests"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -ra --cov --cov-report=term:skip-covered

static: $(VENV)/.dev
	@echo "--- formatter"
	@$(BIN)/ruff format --check .
	@echo "--- linter"
	@$(BIN)/ruff check .
	@echo "--- types"
	@$(BIN)/mypy
	@echo "--- import contracts"
	@$(BIN)/lint-imports
	@echo "--- migrations"
	@$(BIN)/rollcall migrate --verify

bench: $(VENV)/.run
	@$(BIN)/python -m benchmarks $(BENCH)

# On PostgreSQL it starts a server of its own, as the user postgres where root calls it.
torture: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.torture $(ENGINE) --kills $(KILLS) $(TORTURE)

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

texts: $(VENV)/.run
	@$(BIN)/pybabel --quiet extract --mapping-file reporting/locales/babel.cfg \
		--add-location=file --sort-output --no-wrap --project Rollcall --output-file reporting/locales/rollcall.pot \
		reporting handlers digests bot
	@sed -i.bak '/^"POT-Creation-Date:/d' reporting/locales/rollcall.pot && rm reporting/locales/rollcall.pot.bak

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Rollcall needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

# A stamp newer than its lock means that everything is installed, so a second call is quick.
$(VENV)/.run: $(VENV)/bin/python $(RUN_LOCK) pyproject.toml
	@echo "--- installing (once)"
	@$(INSTALL) --require-hashes -r $(RUN_LOCK)
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.teams: $(VENV)/bin/python $(SERVER_LOCK) pyproject.toml
	@echo "--- installing (once)"
	@$(INSTALL) --require-hashes -r $(SERVER_LOCK)
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

$(VENV)/.dev: $(VENV)/bin/python $(DEV_LOCK) pyproject.toml
	@echo "--- installing (once)"
	@$(INSTALL) --require-hashes -r $(DEV_LOCK)
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run $(VENV)/.teams

lock:
	@$(COMPILE) --extra build --output-file $(RUN_LOCK)
	@$(COMPILE) --extra build --extra postgres --extra teams --constraint $(RUN_LOCK) --output-file $(SERVER_LOCK)
	@$(COMPILE) --extra build --extra postgres --extra teams --extra dev --constraint $(SERVER_LOCK) --output-file $(DEV_LOCK)

clean:
	rm -rf $(VENV) var build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
