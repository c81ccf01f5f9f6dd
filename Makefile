# make demo   installs, starts PostgreSQL, makes the demo company and serves it
# make test   everything that CI runs
PYTHON ?= python3
SIZE ?= 100000
OUT ?= bench.json
BIN := .venv/bin

.PHONY: demo test nightly mutants bench lint format messages migration lock clean
.DEFAULT_GOAL := demo

demo: .venv/installed
	@exec $(BIN)/countersign demo

# A file is one worker's, since its tests share what is dear to make; tests/conftest.py puts the longest first.
AT_ONCE := -n 2 --dist loadfile --no-loadscope-reorder

test: lint
	$(BIN)/python -m pytest $(AT_ONCE) -m "not nightly"

nightly: .venv/installed-dev
	COUNTERSIGN_PROFILE=nightly $(BIN)/python -m pytest $(AT_ONCE)

# Which changes of the engine would no test notice? `make mutants only='app.approvals.core.tally*'` asks for less.
mutants:
	MUTMUT=mutmut==3.8.1 PYTHON=$(PYTHON) scripts/mutants.sh $(if $(only),'$(only)')

bench: .venv/installed
	$(BIN)/python -m benchmarks --size $(SIZE) --out $(OUT)

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_templates.py

format: .venv/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# After a change of what people read: what is new is to be translated in app/locale, then again.
messages: .venv/installed-dev
	$(BIN)/python -m scripts.messages

migration: .venv/installed-dev
	@test -n "$(m)" || { echo 'Say what it does: make migration m="tickets have labels"'; exit 1; }
	$(BIN)/python scripts/make_migration.py "$(m)"

COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-header --quiet

lock:
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --output-file requirements-dev.lock

# DATA_DIR is somebody's data and stays.
clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache .schemathesis build dist
	find app tests migrations scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) scripts/install.sh requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.lock pyproject.toml
	@PYTHON=$(PYTHON) scripts/install.sh requirements-dev.lock
	@touch .venv/installed $@
