# One command for everything. `make` alone lists them.
PYTHON ?= $(shell command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11)
PY := .venv/bin/python
# Compiled files make every start faster; a machine that forbids them makes tests crawl.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-quick test-org check bench format lock env env-dev tools clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 14

env:
	@test -n "$(PYTHON)" || { echo "No Python found. Install Python 3.11 or newer."; exit 1; }
	@"$(PYTHON)" portal/demo/bootstrap.py

env-dev:
	@test -n "$(PYTHON)" || { echo "No Python found. Install Python 3.11 or newer."; exit 1; }
	@"$(PYTHON)" portal/demo/bootstrap.py --dev

tools: env-dev
	@$(PY) -m tests.tools

run: env ## everything on this machine, with the demo; Ctrl-C ends it
	@$(PY) -m portal.demo.launcher

test: tools ## every test, on SQLite and on PostgreSQL, with real servers and a real browser
	@$(PY) -m tests.suite

test-quick: env-dev ## everything but browser, servers and chaos
	$(PY) -m pytest -q -n 2 --dist loadfile -m "not browser and not servers and not chaos"

test-org: env-dev ## the client's contract, in the rehearsal org and in a sandbox you name (README)
	SF_TEST_REPORT=var/test-org.json $(PY) -m pytest -q tests/org -p no:randomly

check: env-dev ## format, lint, types, templates, imports, migrations, deploy check
	@$(PY) -m tests.check

bench: tools ## measure; prints a table and writes bench-results.json
	@$(PY) -m tests.bench

format: env-dev ## put the code into its format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	git ls-files -z -- 'templates/*.html' | xargs -0 .venv/bin/djade --target-version 5.2

lock: env ## resolve requirements*.in anew
	$(PY) -m uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	$(PY) -m uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links requirements-dev.in -o requirements-dev.txt

clean: ## remove the demo's data (never .env of your own)
	rm -rf var
	@grep -q '^DEMO=true' .env 2>/dev/null && rm -f .env || true
