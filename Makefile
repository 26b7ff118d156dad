# The desk's commands. Every path is relative and every tool runs as `python -m`, so a folder with a space in its name,
# or one that was moved, does no harm.
SHELL := /bin/sh
.DEFAULT_GOAL := menu
.SUFFIXES:
.DELETE_ON_ERROR:

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
# Settings of whoever calls must not reach the tests: they would run on a live database.
OWN_ENV := unset DATABASE_URL REDIS_URL REDIS_PREFIX VISIBILITY_TIMEOUT DEMO DEBUG SITE_URL ALLOWED_HOSTS VAR_DIR;
PYTEST := $(PY) -m pytest
# A single test starts faster without helpers; the whole suite runs on as many cores as there are, up to four (who
# gets what: tests/conftest.py), in the order of the folders: else the walks, few to a file, are left for the end.
SPREAD := $(if $(ARGS),,-n auto --maxprocesses 4 --no-loadscope-reorder)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

# A .venv whose Python is gone (moved to another machine, Python upgraded) is made anew.
$(shell $(PY) -c "" 2>/dev/null || rm -f .venv/.made .venv/.base .venv/.dev)

.PHONY: menu run install test test-faults test-services ci lint bench lock messages assets clean

menu: ## this list
	@echo "Tinglan. What you can do:"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1@\2/p' Makefile | while IFS=@ read -r name words; do \
		printf '%-22s %s\n' "$$name" "$$words"; done

run: install ## start the desk with its demo company; PORT=8000 HOST=127.0.0.1, Ctrl-C stops it
	@exec $(PY) manage.py up --host "$(HOST)" --port "$(PORT)" $(ARGS)

install: .venv/.base .venv/.assets $(CATALOGUES) ## what the desk needs: .venv, libraries, chart library, translations
	@:

test: .venv/.dev .venv/.assets-dev $(CATALOGUES) ## the whole suite; make test ARGS="tests/incidents -k merge"
	@$(OWN_ENV) exec $(PYTEST) -m "not faults" $(SPREAD) $(ARGS)

test-faults: .venv/.dev $(CATALOGUES) ## kill real processes and see that nothing is lost (minutes)
	@$(OWN_ENV) exec $(PYTEST) -m faults $(ARGS)

test-services: .venv/.dev .venv/.assets-dev $(CATALOGUES) ## the whole suite on PostgreSQL and Redis (DATABASE_URL, REDIS_URL)
	@exec $(PY) scripts/run_on_services.py -m "not faults and not real_data and not one_database" $(SPREAD) $(ARGS)

ci: lint test ## what CI runs: format, lint, types, imports, migrations, catalogue, deploy check, tests

LINTS := lint-format lint-code lint-types lint-imports lint-templates lint-migrations lint-catalogue lint-deploy
.PHONY: $(LINTS)
lint: $(LINTS) ## all of `make ci` but the tests; `make -k lint` goes on after the first fault
$(LINTS): .venv/.dev $(CATALOGUES)

lint-format:
	$(PY) -m ruff format --check --quiet .
lint-code:
	$(PY) -m ruff check --quiet .
lint-types:
	$(PY) -m mypy .
lint-imports:
	$(PY) -c "from importlinter.cli import lint_imports_command as lint_imports; lint_imports()"
lint-templates:
	$(PY) -m djlint templates --lint --quiet
lint-migrations:
	$(PY) manage.py makemigrations --check --dry-run
lint-catalogue:
	$(PY) scripts/catalogue.py check
lint-deploy:
	@echo "$(PY) manage.py check --deploy --fail-level WARNING   (with the settings of a live desk)"
	@$(OWN_ENV) env $$($(PY) -m config.keys) DATABASE_URL=postgres://desk@127.0.0.1/tinglan SITE_URL=https://desk.example.com \
		REDIS_URL=redis://127.0.0.1:6379/0 ALLOWED_HOSTS=desk.example.com $(PY) manage.py check --deploy --fail-level WARNING

bench: .venv/.dev ## the benchmark table; BENCH_JSON=path keeps the figures
	@exec $(PY) -m bench $(ARGS)

lock: .venv/.base ## lock requirements/*.in anew with hashes, and package-lock.json
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PIP) install --quiet uv
	@for name in base dev node; do \
		$(PY) -m uv pip compile "requirements/$$name.in" --output-file "requirements/$$name.txt" --python-version 3.11 --universal \
			--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet || exit 1; done
	@npm install --package-lock-only --ignore-scripts

messages: .venv/.base ## collect the strings to translate into locale/ (needs gettext's tools)
	@$(PY) scripts/catalogue.py collect

assets: .venv/.base ## copy the chart library into static/vendor with npm
	@$(PY) scripts/assets.py && touch .venv/.assets

clean: ## remove what was installed and built; data in var/ stays
	rm -rf .venv node_modules static/vendor staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f locale/*/LC_MESSAGES/*.mo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- made once, made again when what they depend on changes ----------------------------------------------------------
.venv/.made: scripts/make_venv.sh
	@sh scripts/make_venv.sh
	@touch $@

.venv/.base: requirements/base.txt .venv/.made
	@echo "Installing what the desk needs; the first time this takes a minute or two …"
	@$(PIP) install --quiet --root-user-action ignore --require-hashes -r requirements/base.txt || \
		{ echo "The libraries could not be installed. Is the package index reachable? \`make install\` goes on from here."; exit 1; }
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.base
	@echo "Installing what the tests need …"
	@$(PIP) install --quiet --root-user-action ignore --require-hashes -r requirements/dev.txt
	@touch $@

# Without a network the desk still opens: assets.py then says that charts are shown as tables, and is asked again next time.
.venv/.assets: package-lock.json scripts/assets.py .venv/.base
	@if $(PY) scripts/assets.py; then touch $@; fi

.venv/.assets-dev: package-lock.json scripts/assets.py .venv/.base
	@if $(PY) scripts/assets.py --with-dev; then touch $@ .venv/.assets; fi

%.mo: %.po .venv/.base
	@$(PY) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@
