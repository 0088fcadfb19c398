# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Formatters check and do not write by default: antsibull-nox goes by this variable.
export CI := true
NOX := .ci/nox

.DEFAULT_GOAL := help
.PHONY: help demo test lint units integration molecule sanity docs format build release requirements clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

demo: .venv/bin/nox ## run the main job against an emulator of STS on this machine
	@$(NOX) -s demo

test: .venv/bin/nox ## run every check of the project
	@$(NOX)

lint: .venv/bin/nox ## style, types, licences, documentation, packaging
	@$(NOX) -s read

units: .venv/bin/nox ## unit tests; ARGS='-k name' picks some of them
	@$(NOX) -t units -- $(ARGS)

integration: .venv/bin/nox ## integration tests; ARGS=target picks one
	@$(NOX) -t integration -- $(ARGS)

molecule: .venv/bin/nox ## the roles on hosts with separate SSH servers, as root; ARGS=profiles picks one
	@$(NOX) -s molecule -- $(ARGS)

sanity: .venv/bin/nox ## ansible-test sanity; ARGS='--test pylint' picks one test
	@$(NOX) -t sanity -- $(ARGS)

docs: .venv/bin/nox ## build the documentation site in .nox/site/build/html
	@$(NOX) -s docs

format: .venv/bin/nox ## let the formatters rewrite the code
	@CI=false $(NOX) -s formatters

build: .venv/bin/nox ## build the artefact of a release, with its SBOM, in .nox/release
	@$(NOX) -s build

release: .venv/bin/nox ## turn the fragments into the changelog of the version in galaxy.yml
	@$(NOX) -s release -- $(ARGS)

requirements: .venv/bin/nox ## pin the releases of the tools, with hashes; ARGS=--upgrade moves them to the newest
	@.venv/bin/python noxfiles/requirements.py $(ARGS)

clean: ## remove everything that the commands above made
	rm -rf .ansible .nox .venv tests/output

.venv/bin/nox: requirements/nox.txt .ci/venv
	@.ci/venv
