# All commands of the project; 'make' alone lists them.
PYTHON ?= python3
ARGS ?=
SIZE ?= 10k

.PHONY: help setup demo test bench report lint format translations screenshots stop clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

setup: ## Build .venv, get Odoo and what the tests need
	@$(PYTHON) dev/set_up.py test

demo: ## Load real data, run the loop, serve on 127.0.0.1:8069 (SERVE=0: do not serve)
	@$(PYTHON) dev/set_up.py
	@.venv/bin/python dev/demo.py $(ARGS)

test: setup ## Run all tests (ARGS="-k complaint": those with this word)
	@.venv/bin/python dev/run_tests.py $(ARGS)

bench: setup ## Measure speed (SIZE=10k, 100k or 1M; ARGS=dashboards: one stage, on a kept database)
	@.venv/bin/python tests/benchmarks/bench.py $(SIZE) $(ARGS)

report: setup ## Compute the quality of the analyses on public data (docs/quality.html)
	@.venv/bin/python dev/quality_report.py

lint: setup ## Check code, views, scripts and manifests (ARGS="ruff pylint": only these)
	@.venv/bin/python dev/lint.py $(ARGS)

format: setup ## Bring Python, JavaScript, XML and SCSS into the common form
	@.venv/bin/python dev/lint.py --fix $(ARGS)

translations: setup ## Write the translation templates (i18n/*.pot)
	@.venv/bin/python dev/translations.py $(ARGS)

screenshots: setup ## Take the pictures of the docs from the database of make demo
	@.venv/bin/python dev/screenshots.py $(ARGS)

stop: ## Stop the project's PostgreSQL server
	@test ! -d .venv || .venv/bin/python dev/postgres.py stop

clean: stop ## Remove .venv, .odoo, .pg and what the checks leave
	@$(PYTHON) dev/postgres.py forget
	@rm -rf .venv .odoo .pg node_modules .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
