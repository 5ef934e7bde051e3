# What people call. `make help` lists it.
PYTHON ?= python3.11
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help install run test test-fast stack-test torture doors mutants lint soak reading bench requirements

help: ## This list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 16

install: .venv/installed ## Make .venv with everything that the platform needs

# Compiled to bytecode at once: the first start would wait for it otherwise.
.venv/installed: requirements.txt deploy/install_packages
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: install it, or name it with make PYTHON=…"; exit 1; }
	@echo "Installing into .venv; this takes some minutes, once…"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@deploy/install_packages $(BIN)/python
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -r requirements-dev.txt
	@touch $@

run: install ## Run the whole platform on this machine; Ctrl-C stops it
	@exec $(MANAGE) serve

test: .venv/installed-dev ## Run all tests; on Debian as root a missing Chromium is installed first
	@deploy/install_chromium
	@$(MAKE) test-fast
	$(BIN)/python -m pytest -m "slow and not stack" -n auto --dist loadfile

test-fast: .venv/installed-dev ## Run the tests that need no server, process, browser or model
	$(BIN)/python -m pytest -m "not stack and not slow" -n auto --dist loadfile

stack-test: .venv/installed-dev ## Run the tests on PostgreSQL, Redis, MinIO and Chroma; on Debian as root these are installed
	@deploy/install_chromium
	@deploy/install_stack
	$(BIN)/python -m pytest -m stack tests/stack

lint: .venv/installed-dev ## Check style, types, imports, migrations and deployment settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djangofmt --check --quiet --line-length 120 --indent-width 2 templates
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml
	$(BIN)/compose-lint check --quiet --no-env --strict-config --skip-suppressed --config deploy/compose-lint.yml deploy/compose.yaml
	$(BIN)/hadolint deploy/Dockerfile deploy/minio.Dockerfile
	$(MANAGE) makemigrations --check --dry-run
	DEBUG=0 ALLOWED_HOSTS=platform.example CSRF_TRUSTED_ORIGINS=https://platform.example $(MANAGE) check --deploy --fail-level WARNING

torture: .venv/installed-dev ## Kill, stop and freeze processes and servers at 400 points; takes hours
	@deploy/install_stack
	$(BIN)/python -m tests.torture

doors: .venv/installed-dev ## Generated requests as each role, and canaries in fifty datasets
	GENERATED_REQUESTS=5 CANARY_DATASETS=50 $(BIN)/python -m pytest -q -s tests/doors/test_generated_requests.py tests/doors/test_canaries.py

mutants: .venv/installed-dev ## Put mistakes into our own permission code, one by one; each is to be caught
	$(BIN)/python -m pytest -q tests/doors/test_mutants.py

soak: .venv/installed-dev ## 500 random edits on both sides of OpenMetadata, in each of its protocols
	SOAK_EDITS=500 $(BIN)/pytest -q tests/governance/sync/test_soak.py

reading: .venv/installed-dev ## 1,000 random tables read back, and read in two ways
	RANDOM_TABLES=1000 $(BIN)/pytest -q tests/datasets/tables/test_random_tables.py

bench: .venv/installed-dev ## Compare speed and size with the plain way
	$(BIN)/python -m bench.pipeline
	$(BIN)/python -m bench.web_under_load
	$(BIN)/python -m bench.questions
	$(BIN)/python -m bench.lookup
	$(BIN)/python -m bench.retrieval
	$(BIN)/python -m bench.exact_answers
	$(BIN)/python -m bench.sockets
	$(BIN)/python -m bench.questions_beside_jobs
	$(BIN)/python -m bench.large_file

requirements: .venv/installed ## Resolve requirements*.in again
	$(BIN)/uv pip compile -q --upgrade --python-version 3.11 --no-emit-index-url --no-annotate --no-header --generate-hashes requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade --python-version 3.11 --no-emit-index-url --no-annotate --no-header --generate-hashes requirements-dev.in -o requirements-dev.txt
