# Everything starts here, on a fresh machine too: each target makes what it needs first.

PYTHON ?= python3
CONFIG ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BUILT := $(VENV)/.built
NATIVE := $(shell find src -path '*/_native/*' -name '*.[ch]')
# Warnings are errors where Clearway is developed; a user's compiler may know others.
CFLAGS ?= -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help sanitize valgrind soak venv native run test lint format types unit peers fuzz bench-gateway bench-asgi bench-pprof bench-sched soak-gateway docs vendor constraints clean

help: ## Show the targets and what they do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(STAMP) ## Make .venv with Clearway and its tools in it (PYTHON=python3.13 picks another Python)

# A half-made environment has no stamp, so the next run mends it, with the Python that it was made of.
# To change Python, `make clean` first.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: Clearway needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1)"; echo; \
	  echo "hint: name another one, as in 'make PYTHON=python3.13 $(MAKECMDGOALS)'"; exit 1; } >&2
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV) || { \
	  echo "error: '$(PYTHON)' could not make a virtual environment"; echo; \
	  echo "hint: on Debian and Ubuntu, install the package python3-venv"; exit 1; } >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

native: $(BUILT) ## Build the C code in place

$(BUILT): $(STAMP) setup.py $(NATIVE)
	CFLAGS='$(CFLAGS)' $(BIN)/python setup.py -q build_ext --inplace
	@touch $(BUILT)

run: native ## Start the gateway (CONFIG=gateway.toml; without one, the tour)
	$(BIN)/clearway run $(CONFIG)

test: native lint types peers ## Lint, types and every test that is not left to `fuzz`: what CI runs
	$(BIN)/python -m pytest

lint: venv ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: venv ## Mend what `lint` can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: venv ## Check types (mypy --strict over src)
	$(BIN)/mypy

unit: native ## Run the quick tests alone: no socket, no peer
	$(BIN)/python -m pytest -m 'not slow and not peers' tests/unit tests/property tests/house

peers: ## Install the programs that some tests need beside us (root and apt-get only; never fails)
	@.ci/peers nginx wrk golang-go chromium

fuzz: native ## Throw a million broken requests at the gateway (FUZZ_INPUTS=1000000)
	$(BIN)/python -m benchmarks.fuzz --inputs $(or $(FUZZ_INPUTS),1000000)

# C that is checked lies beside the normal build, and comes before it on the path. RLIMIT_AS and thousands of threads
# do not go with AddressSanitizer, and shares of time do not go with its pace.
CHECKED := build/checked/lib
SAMPLER_TESTS := tests/unit/pprof tests/integration/sampler
UNSUITABLE := accuracy or little_memory or thousand or awaiters_are_asked or soak or subinterpreter or numbers_are_the_same
VALGRIND_TESTS := $(addprefix tests/unit/pprof/test_,heap.py heap_domains.py label.py label_samples.py cpu.py)
UNDER_VALGRIND := not (accuracy or is_counted_where or wall_recording)

sanitize: venv ## Run the sampler's tests once under AddressSanitizer and UBSan
	CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined' \
	  $(BIN)/python setup.py -q build --build-lib $(CHECKED) --build-temp build/checked/temp
	PYTHONPATH=$(CHECKED) PYTHONMALLOC=malloc LD_PRELOAD="$$($(CC) -print-file-name=libasan.so)" \
	  ASAN_OPTIONS=detect_leaks=0:use_sigaltstack=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 \
	  $(BIN)/python -m pytest -p no:cacheprovider $(SAMPLER_TESTS) -k 'not ($(UNSUITABLE))'

valgrind: native ## Run the sampler's unit tests once under valgrind (some minutes)
	@.ci/peers valgrind
	PYTHONMALLOC=malloc valgrind --error-exitcode=9 --suppressions=tests/valgrind.supp --num-callers=20 \
	  $(BIN)/python -m pytest -p no:cacheprovider -o faulthandler_timeout=0 $(VALGRIND_TESTS) -k '$(UNDER_VALGRIND)'

soak: native ## Let everything be sampled for 10 minutes and see that nothing grows (SOAK_SECONDS=600)
	$(BIN)/python -W ignore -m benchmarks.sampler_soak --seconds $(or $(SOAK_SECONDS),600)

bench-gateway: native ## Measure the gateway beside nginx, HAProxy, Caddy, Node and uvicorn
	@.ci/peers nginx haproxy caddy nodejs npm wrk
	$(BIN)/python -m benchmarks.gateway

bench-pprof: native ## Measure what profiling costs, and how true it is, beside other profilers
	@.ci/peers nginx wrk valgrind
	$(BIN)/python -m benchmarks.pprof

bench-sched: native ## Measure a light request beside others that compute without end, on eight servers
	@.ci/peers nodejs golang-go
	$(BIN)/python -m benchmarks.sched

soak-gateway: native ## Load a gateway with every profile on (MINUTES=10)
	@.ci/peers nginx wrk
	$(BIN)/python -m benchmarks.soak --minutes $(or $(MINUTES),10)

bench-asgi: native ## Measure `clearway serve` beside uvicorn and granian
	@.ci/peers wrk
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt granian
	$(BIN)/python -m benchmarks.asgi

docs: native ## Write the generated tables of the reference
	$(BIN)/python -m docs.generate

vendor: ## Renew the flame graph library in src/clearway/pprof/_vendor (needs npm)
	@.ci/vendor

constraints: ## Renew constraints.txt from the newest versions that pyproject.toml allows
	@.ci/constraints $(PYTHON)

clean: ## Remove all that the other targets made
	rm -rf $(VENV) build dist src/*.egg-info $(shell find src -name '*.so') .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
