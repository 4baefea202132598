# Everything a person does here, each from a bare machine with only Python 3.11 or newer.
PYTHON ?= python3
VENV   ?= .venv
BENCH  ?= .venv-bench
BIN    := $(VENV)/bin
PIP    := -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt

.PHONY: demo test test-slow fuzz soak lint bench clean

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing netdsl and torch into $(VENV): a few minutes, once."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python $(PIP) -e '.[dev]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/netdsl summarize nets/vgg16.net
	rm -rf runs/demo
	$(BIN)/netdsl train nets/tiny.net --data shapes --out runs/demo
	@echo "The curves of this run: runs/demo/curves.png"

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Two processes of one thread each: threads that wait for one another spin. One that is done takes tests from the other.
TWO := -n 2 --dist worksteal
test: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -m 'not slow' $(TWO)

test-slow: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest $(TWO)

# Tens of thousands of random inputs, and thousands of random programs compared with torch: new ones each time.
FUZZ ?= 150
fuzz: $(VENV)/.installed-dev
	NETDSL_FUZZ=$(FUZZ) OMP_NUM_THREADS=1 $(BIN)/pytest -s tests/syntax/test_fuzz.py tests/oracle/test_programs.py

# kill -9 at random moments of a run, each time at others; what is resumed must come to the same numbers.
SOAK ?= 20
soak: $(VENV)/.installed-dev
	NETDSL_SOAK=$(SOAK) OMP_NUM_THREADS=1 $(BIN)/pytest -s tests/tasks/training/test_soak.py

# Measured as users have it: a normal install, whose bytecode is compiled once, in an environment of its own.
# What setuptools leaves in build/ would put deleted files into the next install.
# The peers come without what they ask for, which would put another torch in the place of the tested one.
# All figures take hours; FIGURES="fast_net.py chains.py" measures those anew.
FIGURES ?=
PEERS := captum torchcam tqdm packaging
bench: $(BENCH)/.installed
	rm -rf build
	$(BENCH)/bin/python $(PIP) --no-deps --force-reinstall .
	rm -rf build
	$(BENCH)/bin/python benchmarks/run_all.py $(FIGURES)

$(BENCH)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(BENCH)
	rm -rf build
	$(BENCH)/bin/python $(PIP) .
	$(BENCH)/bin/python $(PIP) --no-deps $(PEERS)
	touch $@

clean:
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
