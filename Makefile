# Two commands do everything on a fresh machine (Python 3.11 or newer, make): make demo, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
IMPORT := WENI_STATE=$(DEMO)/state $(BIN)/weni-import run --sandbox $(DEMO)/practice.db --yes

# every process that the tests start would compile the program again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo test quick check bench format clean

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: install
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@printf '\n── A clean list goes into an empty practice workspace ──\n\n'
	@$(IMPORT) sample_data/contacts-clean.csv --output $(DEMO)/clean
	@printf '\n── The same list again: nothing to do, nothing is sent ──\n\n'
	@$(IMPORT) sample_data/contacts-clean.csv --output $(DEMO)/clean-again --quiet
	@printf '\n── A list from an old system: what is right goes in, the rest is told ──\n\n'
	@$(IMPORT) sample_data/legacy-dirty.csv --mapping sample_data/legacy-dirty.toml --output $(DEMO)/dirty; test $$? -le 1
	@printf '\nOpen $(DEMO)/dirty/report.xlsx: every row of the file with what became of it.\n'
	@printf 'Mend $(DEMO)/dirty/failed.xlsx and import it, to bring in the rest.\n'

test: install
	@$(BIN)/python -m pytest -n 2

quick: install
	@$(BIN)/python -m pytest -n 2 -m 'not slow'

check: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# The importer beside its peers, which get an environment of their own; takes about an hour. BENCH_RUNS=1 and
# BENCH_ROWS=100000 make it short.
bench: install build/bench/peers/installed
	@$(BIN)/python tests/benchmarks/bench.py

build/bench/peers/installed: tests/benchmarks/peers/requirements.txt
	@$(PYTHON) -m venv build/bench/peers
	@build/bench/peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

format: install
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

clean:
	@rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
