# Baton: `make demo` needs no Slack account; `make test` and `make demo` install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pytest-xdist: two processes more than there are cores, since many tests wait; every test has its own database.
JOBS ?= $(shell $(PYTHON) -c "import os; print(2 + (os.cpu_count() or 1))")
# What the tests write is not worth a disk's time.
IN_MEMORY := $(if $(wildcard /dev/shm),TMPDIR=/dev/shm)

.PHONY: setup demo story run test check bench soak mutants messages page clean

setup: $(VENV)/.up-to-date

$(VENV)/.up-to-date: requirements.txt requirements-dev.txt constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	touch $@

demo: setup
	$(BIN)/python -m playground

story: setup
	$(BIN)/python -m playground story

run: setup
	$(BIN)/python bot.py run

test: setup
	$(IN_MEMORY) $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "not soak"

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python -m migrations check

bench: setup
	$(BIN)/python -m benchmarks

# All that `make test` tries on SQLite alone, on PostgreSQL too; then the long runs.
soak: setup
	TEST_DATABASE=postgres $(MAKE) test
	$(BIN)/python -m pytest -m soak -p no:randomly

# Change the code of signatures, claims, schedules and deliveries in every small way; some test must fail each time. Which
# code, and by which tests, stands in pyproject.toml. `make mutants ONLY="web.hooks.*"` looks at a part.
mutants: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-mutants.txt -c constraints.txt
	$(IN_MEMORY) $(BIN)/python -m mutmut run $(if $(ONLY),"$(ONLY)")
	$(BIN)/python -m mutmut results | grep -v "caught by type check" || true

# The page of the demo, built from playground/web/src; the result is kept, so only who changes it needs Node.
page:
	cd playground/web && npm ci --no-audit --no-fund && npm test && npm run build

messages: setup
	$(BIN)/python -m locales

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants
