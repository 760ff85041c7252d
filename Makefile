# One command for each wish. Each sets up by itself what it needs (.venv here, Debian packages through apt).
.DEFAULT_GOAL := help
.PHONY: help demo test simulate year fuzz clients bench lint lock clean
SEEDS ?= 1000
PY := .venv/bin/python

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: ## watch one simulated camera move from Storgatan to Solgatan
	@.ci/setup demo
	@.venv/bin/provisioner demo $(ARGS)

test: ## all tests, with lint, types and floors among them (ARGS=... goes to pytest)
	@.ci/setup test
	@$(PY) -m pytest -n 2 --dist loadfile --reruns 1 -rsR $(ARGS)

simulate: ## the real daemon in virtual time, SEEDS=1000 of them, with crashes at every commit (ARGS="--seed 7 --verbose" for one)
	@.ci/setup test
	@$(PY) -m tests.whole.simulation --seeds $(SEEDS) $(ARGS)

year: ## a simulated year of a municipality: 2,000 people, 600 moves, 900 provider changes, and who kept each planned look (ARGS="--people 200 --seed 2")
	@.ci/setup test
	@$(PY) -m tests.whole.year $(ARGS)

clients: ## five clients that nobody here wrote ask the simulated camera; each is installed into build/clients alone
	@.ci/setup test
	@$(PY) -m tests.clients $(ARGS)

fuzz: ## ten minutes of fuzzing for each reader of foreign bytes (ARGS="--seconds 60 --target soap" for less)
	@.ci/setup test
	@$(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r tests/fuzz/requirements.txt || echo "atheris cannot be had here: fuzzing by mutation alone"
	@$(PY) -m tests.fuzz $(ARGS)

bench: ## the benchmarks, side by side with a naive script
	@.ci/setup test
	@for name in visit startup cameras first_frame fleet scene; do $(PY) -m benchmarks.$$name || exit 1; done

lint: ## ruff, mypy and the floors alone
	@.ci/setup test
	@.venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports

lock: ## write requirements.lock anew from pyproject.toml
	@.ci/setup test
	@$(PY) -m pip install --quiet uv
	@.venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --all-extras --no-header pyproject.toml -o requirements.lock

clean: ## remove .venv and everything that was made
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .hypothesis
