# Everything lies in .venv, instance/ and the tools' caches in this directory.
# PYTHON=python3.12 chooses the interpreter that .venv is made with.

VENV := .venv
BIN := $(VENV)/bin
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
LOCKS := requirements.txt requirements-dev.txt

# Where Python may not keep what it compiled, each of the many processes of `make test` and `make run`
# compiles wxlogin anew, which takes a third of its start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint types format audit lock docs site site-packages site-lock migration translations pictures client frameworks \
	bench bench-lock release clean \
	run-packages dev-packages

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: run-packages ## run wxlogin with all it needs until Ctrl-C (BIND=HOST:PORT)
	@exec $(BIN)/python -m wxlogin.development $(if $(BIND),--bind '$(BIND)')

# Two processes more than CPUs, up to four (tests/conftest.py); the longest groups of tests go first (tests/harness/schedule.py).
PROCESSES = --numprocesses auto --maxprocesses 4 --no-loadscope-reorder

test: lint types ## check and test everything (ARGS= for pytest; one part: ARGS="-k login")
	WXLOGIN_ENV=testing $(BIN)/python -m pytest $(PROCESSES) $(ARGS)

lint: dev-packages ## look for faults of style and security
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ruff check -q --isolated --select S migrations/versions

types: dev-packages ## check the types
	$(BIN)/mypy

format: dev-packages ## put the code into the house's form
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

audit: dev-packages ## ask the vulnerability database about every locked package
	@$(BIN)/python .ci/audit.py $(LOCKS)

# The second file starts from the first, so that what is tested is what runs.
COMPILE = $(BIN)/uv --quiet --no-config pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

lock: dev-packages ## lock what pyproject.toml asks for (ARGS=--upgrade for the newest)
	$(COMPILE) $(ARGS) --output-file requirements.txt
	$(COMPILE) $(ARGS) --extra dev --constraint requirements.txt --output-file requirements-dev.txt

docs: dev-packages ## make the parts of docs/ that come from the code
	$(BIN)/python docs/make.py
	$(BIN)/python docs/make_api.py

site: site-packages ## build docs/ as a site, in both languages, into site/; `make run` shows it at /docs/
	@$(VENV)/site/bin/python docs/site/build.py

# In an environment of their own: wxlogin's holds what its lock names and nothing else.
site-packages: $(BIN)/python
	@[ -x $(VENV)/site/bin/python ] || $(BIN)/python -m venv $(VENV)/site
	@$(VENV)/site/bin/python -m pip --disable-pip-version-check install -qq --no-deps --require-hashes \
		-r docs/site/requirements.txt

# What builds the site; wxlogin and its tests need none of it.
site-lock: dev-packages
	$(subst pyproject.toml,docs/site/requirements.in,$(subst make lock,make site-lock,$(COMPILE))) \
		$(ARGS) --constraint requirements-dev.txt --output-file docs/site/requirements.txt

migration: dev-packages ## write the next migration (NAME="what it does")
	@$(BIN)/python migrations/make.py "$(NAME)"

translations: dev-packages ## collect what the console says into wxlogin/admin/console/translations/
	$(BIN)/python wxlogin/admin/console/translations/make.py

pictures: dev-packages ## make the pictures of the docs anew, in a browser
	WXLOGIN_ENV=testing $(BIN)/python -m pytest -q tests/browser/test_pages.py \
		tests/browser/test_phones.py --pictures docs/console

client: ## build miniprogram/dist from its source (needs Node and npm)
	@cd miniprogram && npm ci --silent --no-audit --no-fund --no-update-notifier && npm run --silent build

frameworks: dev-packages ## build the examples for Taro and uni-app by their own builders, and use what they make
	@for example in taro uni-app; do \
		(cd miniprogram/example-$$example && npm ci --silent --no-audit --no-fund --no-update-notifier && \
			npm run --silent build) || exit; done
	WXLOGIN_ENV=testing $(BIN)/python -m pytest -q tests/client/test_client.py --frameworks

bench: run-packages ## measure wxlogin beside others (ARGS=--quick; see docs/performance.md)
	@$(INSTALL) -r bench/requirements.txt
	@if command -v npm >/dev/null; then \
		cd bench/express && npm ci --silent --no-audit --no-fund --no-update-notifier; fi
	@$(BIN)/python -m bench $(ARGS)

# The packages that wxlogin is measured beside; wxlogin and its tests need none of them.
bench-lock: dev-packages
	$(subst pyproject.toml,bench/requirements.in,$(subst make lock,make bench-lock,$(COMPILE))) \
		$(ARGS) --constraint requirements.txt --output-file bench/requirements.txt

release: dev-packages ## build the source archive, its SBOM and checksums into dist/
	@$(BIN)/python .ci/release.py

clean: ## remove .venv and the caches (instance/ stays: it holds your data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# .venv/packages holds the checksum of the lock files and which of them is installed. A lock file is
# complete, so pip installs what it names and looks for nothing else. A package that left the lock
# would stay in an old .venv, so another checksum makes .venv anew.
CHECKSUM = cat $(LOCKS) | $(BIN)/python -c \
	'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
PIP = $(BIN)/python -m pip --disable-pip-version-check
INSTALL = $(PIP) install -qq --no-deps --require-hashes

run-packages: $(BIN)/python
	@sum=$$($(CHECKSUM)) && if ! grep -qs "^$$sum" $(VENV)/packages; then \
		$(call INSTALLED,requirements.txt,run); fi

dev-packages: $(BIN)/python
	@sum=$$($(CHECKSUM)) && if ! grep -qsx "$$sum dev" $(VENV)/packages; then \
		$(call INSTALLED,requirements-dev.txt,dev); fi

INSTALLED = echo "Installing $(1) into $(VENV)"; \
	if [ -e $(VENV)/packages ] && ! grep -q "^$$sum" $(VENV)/packages; then \
		$(BIN)/python -m venv --clear $(VENV); fi && \
	$(INSTALL) -r $(1) && { said=$$($(PIP) check) || { echo "$$said" >&2; false; }; } && \
	echo "$$sum $(2)" > $(VENV)/packages

$(BIN)/python:
	@if ! [ -w . ]; then \
		echo "make may not write into $$(pwd): it keeps packages and data in .venv and instance/ there." >&2; \
		echo "Make that directory yours (sudo chown -R $$(id -un) .), or work in a copy of your own." >&2; \
		exit 1; \
	fi
	@for python in $(PYTHONS); do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$python"; \
			"$$python" -m venv --clear $(VENV) && exit 0; \
			rm -rf $(VENV); \
			echo "$$python cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)." >&2; \
			exit 1; \
		fi; \
	done; \
	echo "wxlogin needs Python 3.11 or newer, and found none among: $(PYTHONS)." >&2; \
	echo "Install one, or name one: make PYTHON=/path/to/python3 ..." >&2; \
	exit 1
