# Two commands for a newcomer: `make demo` and `make test`. Each sets up what it needs and is
# quick the second time. Nothing is installed outside this folder and the user's cache folder.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make

.PHONY: demo test check lint types layers unit setup tools frontend screens messages migration bench clean help

help: ## show these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: setup frontend ## watch real calls go through the house until Ctrl-C
	@$(BIN)/hotline demo

test: setup frontend tools lint layers ## everything: lint, layers, types and all tests
	@$(BIN)/python -m tests.lanes

check: setup frontend tools lint types layers

lint:
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && echo "lint: clean"

types:
	@$(BIN)/mypy

layers:
	@mkdir -p $(STAMPS); $(BIN)/lint-imports >$(STAMPS)/layers.log 2>&1 \
		&& tail -n 2 $(STAMPS)/layers.log || { cat $(STAMPS)/layers.log; exit 1; }

unit: setup ## the fast tests alone
	@$(BIN)/python -m pytest tests/unit tests/property

setup: $(STAMPS)/python

$(STAMPS)/python: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新版本：请安装 python3 与 python3-venv" >&2; exit 1; }
	@echo "准备 Python 环境（首次约一分钟）……"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
		echo "无法创建虚拟环境：请安装 python3-venv（如 apt install python3-venv）" >&2; rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check -U 'pip>=25.1'
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt --group dev -e .
	@mkdir -p $(STAMPS) && touch $@

frontend: $(STAMPS)/frontend

$(STAMPS)/frontend: frontend/package.json frontend/package-lock.json $(wildcard frontend/vendor/*.js) $(STAMPS)/python
	@if $(BIN)/python -m hotline.web.vendor; then mkdir -p $(STAMPS) && touch $@; fi

tools: setup

screens: setup frontend tools ## take every page's screenshot into docs/screens
	@$(BIN)/hotline screens docs/screens

messages: setup ## find what pages say, and print what the English catalogue lacks
	@$(BIN)/python -m hotline.web.extracting

migration: setup ## write the migration of what is not yet released from the tables
	@$(BIN)/hotline db revision && $(BIN)/ruff format -q hotline/store/migrations

clean: ## remove what was made here (not the cache folder, not var/)
	@rm -rf $(VENV) $(STAMPS) build dist *.egg-info
