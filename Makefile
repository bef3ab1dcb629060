# The two commands of a fresh machine: `make demo` and `make test`. Everything else is a convenience.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help test check lint types layers pytest demo man install uninstall lock schemas clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "newswatch needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: check pytest ## set up, then lint, types, layers and all tests

check: lint types layers

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

layers: $(VENV)/.ready
	$(BIN)/lint-imports

pytest: $(VENV)/.ready
	$(BIN)/pytest -n auto --dist loadgroup

demo: $(VENV)/.ready ## the main job on a recorded week: emails, webhook calls, and what stayed silent
	$(BIN)/python demo/run.py --output demo-output

lock: ## renew the lock files (names no index)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

man: $(VENV)/.ready ## renew the manual page, docs/man/newswatch.1
	$(BIN)/python -m newswatch.cli.manual > docs/man/newswatch.1

# Where `make install` puts it; DESTDIR is set before each, for packagers.
PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR    ?= /etc/systemd/system
HOME_OF    := $(PREFIX)/lib/newswatch

install: ## install for the whole system, with unit, manual page and completion; upgrades it too
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "newswatch needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv "$(DESTDIR)$(HOME_OF)"
	"$(DESTDIR)$(HOME_OF)/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	"$(DESTDIR)$(HOME_OF)/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall .
	test -z "$(DESTDIR)" || sed -i '1s|^#!$(DESTDIR)|#!|' "$(DESTDIR)$(HOME_OF)/bin/newswatch"
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" "$(DESTDIR)$(UNITDIR)"
	ln -sf "$(HOME_OF)/bin/newswatch" "$(DESTDIR)$(PREFIX)/bin/newswatch"
	install -m 644 docs/man/newswatch.1 "$(DESTDIR)$(PREFIX)/share/man/man1/newswatch.1"
	"$(DESTDIR)$(HOME_OF)/bin/python" -m newswatch completion bash > "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/newswatch"
	sed 's|/usr/local/bin/newswatch|$(PREFIX)/bin/newswatch|' systemd/newswatch.service > "$(DESTDIR)$(UNITDIR)/newswatch.service"
	test -e "$(DESTDIR)$(SYSCONFDIR)/newswatch/newswatch.yaml" || "$(DESTDIR)$(HOME_OF)/bin/python" -m newswatch init "$(DESTDIR)$(SYSCONFDIR)/newswatch"
	@echo "installed. Edit $(SYSCONFDIR)/newswatch, then: newswatch check-config && systemctl daemon-reload && systemctl enable --now newswatch"

uninstall: ## remove what `make install` put there; configuration and store stay
	rm -rf "$(DESTDIR)$(HOME_OF)"
	rm -f "$(DESTDIR)$(PREFIX)/bin/newswatch" "$(DESTDIR)$(PREFIX)/share/man/man1/newswatch.1" "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/newswatch" "$(DESTDIR)$(UNITDIR)/newswatch.service"

schemas: $(VENV)/.ready ## renew the JSON Schemas and the tables of docs/configuration.md
	$(BIN)/python -m newswatch.config.schema

clean:
	rm -rf $(VENV) demo-output .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
