# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Formatters check and do not write, unless they are asked to: antsibull-nox goes by this variable.
export CI := true
NOX := .venv/bin/nox
UV_COMPILE := .venv/bin/uv pip compile --quiet --universal --no-header --no-annotate --upgrade

.DEFAULT_GOAL := help
.PHONY: help demo test lint units integration molecule sanity docs format release requirements clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

demo: $(NOX) ## run the main job against an emulator of STS on this machine
	@$(NOX) -s demo

test: $(NOX) ## run every check of the project
	@$(NOX)

lint: $(NOX) ## style, types, licences, documentation, packaging
	@$(NOX) -s read

units: $(NOX) ## unit tests; ARGS='-k name' picks some of them
	@$(NOX) -t units -- $(ARGS)

integration: $(NOX) ## integration tests; ARGS=target picks one
	@$(NOX) -t integration -- $(ARGS)

molecule: $(NOX) ## the roles on hosts with SSH servers of their own, as root; ARGS=profiles picks one
	@$(NOX) -s molecule -- $(ARGS)

sanity: $(NOX) ## ansible-test sanity; ARGS='--test pylint' picks one test
	@$(NOX) -t sanity -- $(ARGS)

docs: $(NOX) ## build the documentation site in .nox/site/build/html
	@$(NOX) -s docs

format: $(NOX) ## let the formatters rewrite the code
	@CI=false $(NOX) -s formatters

release: $(NOX) ## turn the fragments into the changelog of the version in galaxy.yml
	@$(NOX) -s release -- $(ARGS)

requirements: $(NOX) ## pin the newest releases of the tools
	@$(UV_COMPILE) --python-version 3.11 requirements/nox.in -o requirements/nox.txt
	@$(UV_COMPILE) --python-version 3.10 --no-emit-package ansible-core --no-emit-package resolvelib requirements/tools.in -o requirements/tools.txt

clean: ## remove everything that the commands above made
	rm -rf .ansible .nox .venv tests/output

$(NOX): requirements/nox.txt .ci/venv
	@.ci/venv
