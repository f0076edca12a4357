# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test chaos bench fuzz mutations lock sbom audit-dependencies pictures clean

demo: $(READY)
	@$(BIN)/transmission demo $(if $(ONCE),--once)

test: $(READY)
	@$(BIN)/python -m tests.prerequisites
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Longer than `make test`: every point and every pass alone, engines that fall, then rounds drawn from
# a seed, which is said: the same seed draws the same rounds again.
chaos: $(READY)
	@CHAOS_ROUNDS=$(or $(ROUNDS),10) CHAOS_SEED=$(or $(SEED),0) $(BIN)/python -m pytest -m chaos tests/crash $(if $(ONLY),-k $(ONLY))

# Spoilt messages, containers and names against every reader; nothing of it is part of `make test`.
fuzz: $(READY)
	@$(BIN)/python -m tests.fuzz $(if $(EXECUTIONS),--executions $(EXECUTIONS)) $(if $(SEED),--seed $(SEED))

# Dossiers de preuve and registers altered in thousands of ways: each must be seen and placed.
mutations: $(READY)
	@$(BIN)/python -m tests.mutations $(if $(ACTES),--actes $(ACTES)) $(if $(EACH),--each $(EACH)) \
	  $(if $(SEED),--seed $(SEED))

# Measures of this machine, written to benchmarks/results; nothing of it is part of `make test`.
bench: $(READY)
	@$(BIN)/python -m benchmarks $(if $(ACTS),--acts $(ACTS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(ONLY),--only $(ONLY)) $(if $(MILLION),--million)

# The environment is rebuilt only when its pins change; the project itself is then linked into it.
$(VENV)/.pinned: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: $$($(PYTHON) --version) was found." >&2; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	  || { rm -rf $(VENV); sh .ci/install-venv "$(PYTHON)" && $(PYTHON) -m venv $(VENV); }
	@echo "Installing the pinned dependencies (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

$(READY): $(VENV)/.pinned pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --no-index -e .
	@touch $@

# Pins live in the requirements format with hashes: it names no registry, so any mirror serves it.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --group dev pyproject.toml -o requirements.lock

# What the service is made of, from the pins (CycloneDX).
sbom: $(READY)
	@mkdir -p var
	@$(BIN)/cyclonedx-py requirements requirements.lock --output-reproducible --of JSON -o var/sbom.json

# Asks a public register of faults: 0 none, 1 some, 2 could not ask. Nothing of it is part of `make test`.
audit-dependencies: $(READY)
	@$(BIN)/python .ci/audit_dependencies.py

# The pictures of the README and of docs/, made again from a demonstration by its four tasks.
pictures: $(READY)
	@$(BIN)/python -m tests.pictures

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
