# `make verify` and `make test` set up everything they need; `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

.PHONY: help verify test faults check lint devices clusters pythons bench site serve format clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Lawbook needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12 …"; exit 2; }
	@echo "Making the environment in $(VENV) (a few minutes, most of it torch) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[verify,test]' --constraint constraints.txt
	@touch $@

verify: $(VENV)/.ready ## verify every claim at the quick tier on this machine, then build the site
	@$(BIN)/lawbook verify --tier quick --jobs $(JOBS); status=$$?; \
		if [ $$status -ne 2 ]; then $(BIN)/lawbook site build || status=2; fi; exit $$status

test: $(VENV)/.ready ## run the test suite
	@OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -q --numprocesses $(JOBS) --dist loadscope

check: $(VENV)/.ready ## every linter to its end, and what `make format` mends of what they find
	@BIN=$(BIN) .ci/check

lint: $(VENV)/.ready ## the same, ending at the first that finds something: ruff, mypy --strict, the registry, the workflows
	@BIN=$(BIN) .ci/check --first

devices: $(VENV)/.ready ## every arm of the quick book on a pretended accelerator (an hour or two)
	@rm -f build/reads-of-a-card.txt
	@OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -q -m devices --numprocesses $(JOBS) tests/devices

faults: $(VENV)/.ready ## hurt runs in every way, for some ten minutes; `make test` does so in short
	@LAWBOOK_FAULTS=full OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/faults --numprocesses $(JOBS)

clusters: $(VENV)/.ready ## Ray and Slurm as they are, on this machine (Slurm as root; what cannot be had is skipped, and told)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[ray,slurm]' --constraint constraints.txt
	@OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -q -rs -m 'not devices' tests/verification/test_ray_executor.py tests/verification/slurm

pythons: $(VENV)/.ready ## what needs no torch, under each Python of this machine, packages pinned and newest
	@PIP="$(BIN)/python -m pip" .ci/pythons

bench: $(VENV)/.ready ## time the instruments against their peers, one thread a side; then the registry at 1,000 claims
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement tests/benchmarks/requirements.txt
	@OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest tests/benchmarks -q -s --benchmark-disable-gc
	@$(BIN)/python tests/benchmarks/scale.py 100 300 1000

site: $(VENV)/.ready ## build the site from what is recorded
	@$(BIN)/lawbook site build

serve: $(VENV)/.ready ## serve the site and rebuild it on every save
	@$(BIN)/lawbook site serve

format: $(VENV)/.ready ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .

clean: ## remove what was built (not the environment, not the evidence)
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis
