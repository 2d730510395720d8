# Each target calls what a person could call; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help up docker private-images docker-stop test test-fast coverage lint types bench soak lock clean
PYTHON ?= python3
RUN := .venv/bin/

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

up: .venv/installed ## the dev environment on a cloud on this machine, with the real Pulumi engine
	@$(RUN)accordion up

test: .venv/installed-dev ## every test, the engine's included; the engine is got or built before, and is no test's time
	@$(RUN)accordion local version >/dev/null
	@.ci/docker run $(RUN)pytest -n auto --durations=40 --durations-min=20

docker: ## a Docker Engine and a registry of this checkout alone, on loopback; needs root and apt, or DOCKER_HOST names yours
	@PYTHON="$(PYTHON)" .ci/docker start

private-images: .venv/installed-dev docker ## the images that Pulumi.private.yaml names, built of this machine's parts onto that Engine
	@$(RUN)python -m tests.private_images

docker-stop: ## stop them and remove their data
	@.ci/docker stop

test-fast: .venv/installed-dev ## the rings without engine and cloud, under a minute
	@$(RUN)pytest -n auto -m "not engine and not cloud and not long" --hypothesis-profile=quick

coverage: .venv/installed-dev ## branches of `elasticity` that its tests reach, the kernel as plain Python; about 4 minutes
	@NUMBA_DISABLE_JIT=1 $(RUN)coverage run -m pytest -q -p no:randomly --hypothesis-profile=quick --timeout=900 \
	  -m "not long" -k "not compil and not sweep and not test_a_queue_rule_by_metric_math" tests/elasticity
	@$(RUN)coverage report

lint: .venv/installed-dev ## format, lint, import contracts, spelling, workflows
	@.ci/lint

types: .venv/installed-dev ## mypy, strict
	@$(RUN)mypy

bench: .venv/installed-dev ## the figures of docs/performance.md
	@$(RUN)python -m bench

soak: .venv/installed-dev ## 60 kills at random moments on the local cloud, a quarter of an hour; the figures go to docs/performance.md
	@$(RUN)python -m bench soak

lock: .venv/installed-dev ## lock the dependencies of pyproject.toml anew
	@.ci/lock

clean: ## remove what set-up made in this folder; the engine's cache and the local cloud stay
	@rm -rf .venv .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/installed: requirements.txt requirements-setup.txt pyproject.toml
	@PYTHON="$(PYTHON)" .ci/setup requirements.txt

.venv/installed-dev: .venv/installed requirements-dev.txt
	@PYTHON="$(PYTHON)" .ci/setup requirements-dev.txt
