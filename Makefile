# `make demo` shows everything, `make test` proves it. Both install what they need into .venv/.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
TOOLING := .venv/tooling/bin
AIRFLOW := .venv/airflow/bin
UV := .venv/uv/bin/uv
COMPILE := $(UV) pip compile -q --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help install ephemeral demo test lint lint-code lint-airflow unit unit-rest unit-sandbox unit-dags up down clean lock prerequisites jenkins opa

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

prerequisites:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 is missing: install it, or name it with make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@java -version 2>&1 | grep -qE '"(1[7-9]|2[0-9])[.0-9]*"' \
	  || { echo "Java 17 or newer is missing: install a JDK 17 (Debian: apt-get install openjdk-17-jdk-headless)" >&2; exit 2; }
	@command -v javac >/dev/null \
	  || { echo "javac is missing: install a JDK, not only a JRE (Debian: apt-get install openjdk-17-jdk-headless)" >&2; exit 2; }

install: prerequisites .venv/tooling/installed .venv/airflow/installed .sluice/cache/prepared ## Install both Python environments into .venv/

$(UV): requirements/uv.txt
	@echo "installing uv"
	@"$(PYTHON)" -m venv .venv/uv
	@.venv/uv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $(UV)

.venv/tooling/installed: requirements/tooling.txt requirements/terraform.txt $(UV)
	@echo "installing the tooling environment"
	@test -x $(TOOLING)/python || $(UV) venv -q --python "$(PYTHON)" .venv/tooling
	@VIRTUAL_ENV=.venv/tooling $(UV) pip sync -q --require-hashes --compile-bytecode requirements/tooling.txt
	@command -v terraform >/dev/null || command -v tofu >/dev/null \
	  || VIRTUAL_ENV=.venv/tooling $(UV) pip install -q --require-hashes -r requirements/terraform.txt
	@touch $@

.venv/airflow/installed: requirements/airflow.txt $(UV)
	@echo "installing the Airflow environment"
	@test -x $(AIRFLOW)/python || $(UV) venv -q --python "$(PYTHON)" .venv/airflow
	@VIRTUAL_ENV=.venv/airflow $(UV) pip sync -q --require-hashes --compile-bytecode requirements/airflow.txt
	@touch $@

ephemeral: .venv/ephemeral/installed ## Install what `sluice ephemeral` runs Pulumi programs with, 330 MB

.venv/ephemeral/installed: requirements/ephemeral.txt $(UV)
	@echo "installing the environment of ephemeral clusters"
	@test -x .venv/ephemeral/bin/python || $(UV) venv -q --python "$(PYTHON)" .venv/ephemeral
	@VIRTUAL_ENV=.venv/ephemeral $(UV) pip sync -q --require-hashes --compile-bytecode requirements/ephemeral.txt
	@touch $@

.sluice/cache/prepared: .venv/tooling/installed $(shell find sandbox/emr/spark/file_system -name "*.java")
	@echo "preparing Spark: its start costs half afterwards"
	@mkdir -p $(@D)
	@$(TOOLING)/python -m sandbox.emr.spark.prepare
	@touch $@

# Jenkins' own Groovy, from Debian: unpacked, not installed, with apt's lists in a folder of their own, so that it needs no
# root. Debian's package holds all of it in one jar.
jenkins: .venv/groovy/groovy-all.jar ## Fetch the Groovy that runs the Jenkinsfile in tests

.venv/groovy/groovy-all.jar:
	@command -v apt-get >/dev/null || { echo "apt-get is missing: put groovy-all.jar of Groovy 2.4 at $@" >&2; exit 2; }
	@echo "fetching Groovy"
	@mkdir -p $(@D)/lists/partial $(@D)/cache/archives/partial
	@cd $(@D) && options="-qq -o Dir::State::Lists=$$PWD/lists -o Dir::Cache=$$PWD/cache -o APT::Sandbox::User=" \
	  && apt-get $$options update && apt-get $$options download groovy && dpkg-deb --extract groovy_2.4*.deb unpacked
	@cp $(@D)/unpacked/usr/share/java/groovy-all.jar $@
	@rm -rf $(@D)/lists $(@D)/cache $(@D)/unpacked $(@D)/groovy_*.deb

# Its package asks for Python 3.14 and runs on 3.11, which the bench checks by its verdicts: hence the other version here.
opa: $(UV) ## Install Open Policy Agent, which only the gate's bench compares itself with
	@$(UV) pip install -q --python-version 3.14 --target .venv/bench --require-hashes -r requirements/bench.txt

demo: install ## Render, provision dev and production in the local cloud, run the pipeline, show what happened
	@bin/sluice demo

test: prerequisites ## Everything that must hold
	@$(MAKE) --no-print-directory --jobs=2 install ephemeral jenkins
	@$(MAKE) --no-print-directory lint unit

lint: install
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint-code lint-airflow
	bin/sluice render --check
	bin/sluice gate --plans none

lint-code:
	$(TOOLING)/ruff check .
	$(TOOLING)/ruff format --check .
	$(TOOLING)/mypy generator delivery authority sandbox policies bench sluice spark_jobs $(filter-out tests/dags tests/__pycache__,$(wildcard tests/*))
	$(TOOLING)/lint-imports

lint-airflow:
	$(TOOLING)/mypy --cache-dir "$${MYPY_CACHE_DIR:-.mypy_cache}/airflow" --python-executable $(AIRFLOW)/python dags tests/dags $(addprefix sandbox/airflow/,read_dags.py run_commands.py run_dag.py)

# All at once, for much of it waits. Two parts stand apart, and are shown when they have ended: tests/sandbox changes the
# moto that others take as it comes, tests/dags runs in Airflow's environment.
unit: install ephemeral jenkins
	@$(MAKE) --no-print-directory --jobs=3 unit-rest unit-sandbox unit-dags

unit-rest:
	MAKEFLAGS= $(TOOLING)/pytest tests --ignore tests/dags --ignore tests/sandbox -n 3 --dist loadfile --no-loadscope-reorder

unit-sandbox:
	@$(call shown_at_end,$(TOOLING)/pytest tests/sandbox)

unit-dags:
	@$(call shown_at_end,$(AIRFLOW)/pytest tests/dags)

shown_at_end = status=0; $(1) > .sluice/$@.txt 2>&1 || status=$$?; cat .sluice/$@.txt; exit $$status

up: install ## Keep the local cloud and an Airflow with its web page running, to look around
	@bin/sluice demo --keep --web

down: ## Stop what `make up` started
	@bin/sluice sandbox down

clean: ## Stop everything and remove all that is not in Git
	@test ! -x $(TOOLING)/python || bin/sluice sandbox down
	rm -rf .venv .sluice
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

lock: $(UV) ## Resolve requirements/*.in anew
	cd requirements && for name in uv tooling airflow ephemeral terraform; do ../$(COMPILE) $$name.in -o $$name.txt; done
	cd requirements && ../$(subst 3.11,3.14,$(COMPILE)) bench.in -o bench.txt
