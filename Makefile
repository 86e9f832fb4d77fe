# Everything is made by scripts/bootstrap; nothing needs to be installed or activated by hand.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
LOCK := .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet
.PHONY: help base dev demo test test-full proofs bench lint types imports lock screenshots places psql stop clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

base:
	@scripts/bootstrap base

dev:
	@scripts/bootstrap dev

demo: base ## the whole site with made-up people; Ctrl-C ends it; RESET=1 starts over
	@$(PYTHON) manage.py demo $(if $(filter-out 0,$(RESET)),--reset)

test: dev ## all checks and tests, one verdict
	@$(PYTHON) scripts/verdict.py

test-full: dev ## the same with the slow tests
	@$(PYTHON) scripts/verdict.py --full

proofs: dev ## disables what tests prove, in a copy, and watches them fail
	@$(PYTHON) scripts/proofs.py

bench: dev ## benchmarks
	@$(PYTHON) -m benchmarks

lint: dev ## style, format, no addresses of registries
	@$(PYTHON) scripts/verdict.py --only lint

types: dev ## mypy
	@$(PYTHON) scripts/verdict.py --only types

imports: dev ## who may import whom
	@$(PYTHON) scripts/verdict.py --only imports

lock: dev ## lock requirements/*.in anew
	@$(LOCK) requirements/base.in -o requirements/base.txt
	@$(LOCK) requirements/dev.in -o requirements/dev.txt
	@$(PYTHON) scripts/check_addresses.py

screenshots: dev ## the pictures of the README and of the manual
	@$(PYTHON) -m tests.e2e.shots docs/images static/manual

places: dev ## pictures of the five places, in .local/pictures or OUT=folder
	@$(PYTHON) -m tests.e2e.places $(or $(OUT),.local/pictures)

psql: base ## a prompt in the demo's database, as its owner
	@$(PYTHON) -m credit_platform.embedded psql

stop: base ## stop the embedded servers of the demo and of the tests
	@$(PYTHON) -m credit_platform.embedded stop
	@$(PYTHON) -m credit_platform.embedded --instance test stop

clean: ## remove what was made, except the demo's data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache collected
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
