# Everything a person does here, each from a bare machine with only Python 3.11 or newer.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test test-slow lint bench clean

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(STAMP)-dev: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(STAMP)
	$(BIN)/netdsl summarize nets/vgg16.net
	$(BIN)/netdsl train nets/tiny.net --data shapes --out runs/demo
	@echo "The curves of this run: runs/demo/curves.png"

lint: $(STAMP)-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: lint
	$(BIN)/pytest -m 'not slow' -n 2

test-slow: lint
	$(BIN)/pytest -n 2

bench:
	$(MAKE) VENV=.venv-bench .venv-bench/.installed
	.venv-bench/bin/python benchmarks/run_all.py

clean:
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
