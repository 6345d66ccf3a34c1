# Matterflow. `make help` lists what can be asked for; `make demo` and `make test` are all a newcomer needs.
# Everything lives in .venv and node_modules; a machine needs Python 3.11 or newer and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
# Packages come by pip, from wherever this machine's pip takes them, and only with the hashes of the lock.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
PIP_LOCKED := $(PIP) install --require-hashes
RUN := $(BIN)/python -m
# Python that may not write beside its sources (a read-only container, PYTHONDONTWRITEBYTECODE) would compile all of them
# at each start of a command: a second
COMPILED := $(RUN) compileall -q -x node_modules config engine practice tasks webui
# What the tests start by the hundred is compiled once.
unexport PYTHONDONTWRITEBYTECODE

FRONT_SOURCES := $(shell find webui/frontend -name node_modules -prune -o -type f -print 2>/dev/null) \
	$(wildcard config/translations/*/LC_MESSAGES/*.po)
# Built again when its sources are newer, and when what was built is gone.
FRONT_GONE := $(if $(and $(wildcard webui/static/dist/*),$(wildcard engine/feel/dist/*)),,rebuild)
# More arguments for pytest: make test ARGS="tests/engine -k timer"
ARGS ?=
# Processes that share the tests, each with databases of its own
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

##@ Every day

.PHONY: demo
demo: install front ## Serve the demo firm on http://127.0.0.1:8000 (made on the first run, never changed after)
	@$(BIN)/matterflow demo --if-missing
	@MATTERFLOW_DEMO="$${MATTERFLOW_DEMO:-1}" exec $(BIN)/matterflow serve

.PHONY: test
test: install-dev front $(VENV)/.browser ## Run every test, on SQLite and on PostgreSQL, in a real browser too
	$(RUN) pytest -n $(JOBS) --dist worksteal $(ARGS)

.PHONY: check
check: install-dev front lint ## Everything short of the slow tests: style, types, imports, models, bundles, fast tests
	$(RUN) pytest -q -n $(JOBS) --dist worksteal -m "not slow and not browser" $(ARGS)

.PHONY: bench
bench: install-dev front build/peers/.made ## Time the engine and the API beside the floor and a peer; writes build/bench.json
	@mkdir -p build
	@$(COMPILED)
	$(RUN) benchmarks $(ARGS)

.PHONY: torture
torture: install-dev front ## Break the machine under people who work, for an hour (TORTURE_SECONDS) on each database
	TORTURE_SECONDS=$${TORTURE_SECONDS:-3600} $(RUN) pytest -s -p no:randomly tests/torture $(ARGS)

.PHONY: models
models: install-dev front ## Play random models (MODELS=5000) on the engine beside a token game made from the standard
	MATTERFLOW_TEST_MODELS=$${MODELS:-5000} $(RUN) pytest -q -p no:randomly tests/engine/model_checking $(ARGS)

# codec, feel or bundle; docs/fuzzing.md says what each does
TARGET ?= codec
SECONDS ?= 600
.PHONY: fuzz
fuzz: install-dev front ## Fuzz TARGET (codec, feel, bundle) for SECONDS; docs/fuzzing.md
	$(RUN) tests.fuzz $(TARGET) $(SECONDS)

.PHONY: help
help: ## Say what can be asked for
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-zA-Z_-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Pieces of these

.PHONY: install
install: $(VENV)/.run ## Install Matterflow and what it needs to run, into .venv
	@$(COMPILED)

.PHONY: install-dev
install-dev: $(VENV)/.dev
	@$(COMPILED) tests

.PHONY: front
front: $(VENV)/.front ## Build the pages and the expression interpreter, when their sources have changed

.PHONY: lint
lint: install-dev front ## Style, types, import rules, migrations and process bundles, without tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/settings_page.py --check
	$(BIN)/python scripts/bpmn_support.py --check
	$(BIN)/python scripts/translations.py --check
	scripts/check_migrations.sh
	scripts/check_bundles.sh
	$(BIN)/python scripts/front.py run --if-present lint

.PHONY: coverage
coverage: install-dev front ## Run the tests of engine and practice and list the lines and branches they miss
	$(RUN) coverage run -m pytest -q -m "not browser" $(ARGS)
	$(RUN) coverage report

.PHONY: fmt
fmt: install-dev ## Put the Python sources in order
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: wheel
wheel: install-dev ## Pack dist/*.whl with the built pages inside
	$(RUN) pip --disable-pip-version-check wheel --no-deps --wheel-dir dist .

.PHONY: lock
lock: install-dev ## Make the locks again from pyproject.toml (UPGRADE=1: with the newest versions)
	scripts/lock.sh

.PHONY: clean
clean: ## Remove everything built or installed here (a demo firm's data is kept)
	rm -rf $(VENV) build dist webui/static/dist engine/feel/dist webui/frontend/node_modules \
		.pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: each is as new as what it stands for.

$(VENV)/.made: scripts/make_venv.sh
	@scripts/make_venv.sh
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.lock requirements-build.lock pyproject.toml
	@echo "Installing what Matterflow needs to run ..."
	@$(PIP_LOCKED) -r requirements.lock -r requirements-build.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@echo "Installing what its tests and checks need ..."
	@$(PIP_LOCKED) -r requirements-dev.lock
	@touch $@

.PHONY: rebuild
$(VENV)/.front: $(VENV)/.run scripts/front.py $(FRONT_SOURCES) $(FRONT_GONE)
	@echo "Building the pages ..."
	@$(BIN)/python scripts/front.py
	@$(BIN)/python scripts/compile_catalogues.py
	@touch $@

$(VENV)/.browser: $(VENV)/.dev tests/chromium.py scripts/chromium/package-lock.json
	@echo "Looking for a browser ..."
	@$(RUN) tests.chromium --install
	@touch $@

# Peers are installed apart from the product: Viewflow is AGPL, and nothing of ours may depend on it.
build/peers/.made: $(VENV)/.dev $(wildcard benchmarks/peer-requirements.lock)
	@echo "Installing the peers to compare with ..."
	@$(RUN) venv --clear build/peers
	@build/peers/bin/python -m pip --disable-pip-version-check -qq install --require-hashes \
		-r benchmarks/peer-requirements.lock
	@touch $@
