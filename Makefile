# Tenure: `make` lists what can be done here.
# Needed: Go, Node with npm, git and make. `make test` installs the rest itself.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Where `make run` listens and keeps its data: make run LISTEN=127.0.0.1:9080
LISTEN ?= 127.0.0.1:8080
WEBHOOK_LISTEN ?= 127.0.0.1:8443
DATA ?= .tenure

# How long each fuzz target runs: in `make test` a number of inputs, some seconds'
# worth, which cannot end in the middle of one; in `make fuzz` a time.
FUZZ_SHORT ?= 2000x
FUZZ_LONG ?= 2m

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LINT_VERSION := v2.15.0
LINT := .cache/bin/golangci-lint-$(LINT_VERSION)

# The go command never replaces itself by a toolchain from elsewhere.
export GOTOOLCHAIN ?= local

# Cases that are kept beside the checkout are run too, where they are present.
CASES := $(realpath $(CURDIR)/../shared/cases)
ifneq ($(CASES),)
export TENURE_CASES ?= $(CASES)
endif

NPM_CI := npm ci --no-fund --no-audit --loglevel=error
ASSETS := web/static/build/tenure.css
ASSET_SOURCES := $(filter-out %_templ.go %_test.go,$(wildcard web/*.go web/*.templ web/*.mjs web/scripts/* web/styles/*))

# $(call section,title,command) runs a part of a longer target and says how long it took.
section = @printf '\n== %s\n' '$(1)'; $(2); printf '== %s: %d s\n' '$(1)' "$$SECONDS"

.PHONY: help
help: ## list the targets
	@echo 'Targets:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

## Building and running

.PHONY: build
build: $(ASSETS) generate ## build bin/tenure
	@echo 'Building bin/tenure ($(VERSION))'
	@CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/tenure ./cmd/tenure

.PHONY: run
run: build ## build, then serve with development people and a repository of its own under .tenure
	@exec bin/tenure serve --dev --data '$(DATA)' --listen '$(LISTEN)' --webhook-listen '$(WEBHOOK_LISTEN)'

CLUSTER := .cache/cluster/cluster
$(CLUSTER): e2e/cluster/go.mod e2e/cluster/go.sum $(shell find e2e/cluster -name '*.go' ! -name '*_test.go') e2e/cluster/cmd/cluster/web.yaml
	@echo 'Building $(CLUSTER)'
	@cd e2e/cluster && go build -o '$(CURDIR)/$@' ./cmd/cluster

.PHONY: cluster
cluster: $(CLUSTER) ## build Kubernetes and Argo CD, once (about 10 minutes on two cores)
	@$(CLUSTER) build

.PHONY: demo
demo: build cluster ## make run, with Kubernetes and Argo CD behind it, and commands to try
	@exec $(CLUSTER) demo --tenure bin/tenure --data '$(DATA)' --listen '$(LISTEN)' --webhook-listen '$(WEBHOOK_LISTEN)'

.PHONY: generate
generate: ## write the Go code of the templates
	@echo 'Generating the Go code of web/*.templ'
	@go tool templ generate -path web -log-level error

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@echo 'Installing the npm packages of web/'
	@cd web && $(NPM_CI) && touch node_modules/.package-lock.json

$(ASSETS): web/node_modules/.package-lock.json $(ASSET_SOURCES)
	@echo 'Building styles and scripts'
	@cd web && npm run --silent build

e2e/node_modules/.package-lock.json: e2e/package.json e2e/package-lock.json
	@echo 'Installing the npm packages of e2e/'
	@cd e2e && $(NPM_CI) && touch node_modules/.package-lock.json

$(LINT):
	@echo 'Building golangci-lint $(LINT_VERSION), once (some minutes)'
	@GOBIN=$(CURDIR)/.cache/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv .cache/bin/golangci-lint $@

## Testing

.PHONY: check
check: $(LINT) ## the fast part: formatting, generated code, lint, unit tests
	$(call section,Generated code,$(MAKE) generated)
	$(call section,Lint,$(MAKE) lint)
	$(call section,Unit tests,go test ./...)

.PHONY: test
test: ## everything, after installing what it needs: lint, race detector, fuzzing, browsers, a real control plane
	$(call section,Tools,$(MAKE) tools)
	$(call section,Generated code,$(MAKE) generated)
	$(call section,Lint,$(MAKE) lint)
	$(call section,Go tests with the race detector,go test -race -timeout 30m ./...)
	$(call section,NetworkPolicies against another reading of them,cd k8s/network/differential && go test -count 1 -v ./...)
	$(call section,Fuzzing each target: $(FUZZ_SHORT),$(MAKE) fuzz FUZZ_LONG=$(FUZZ_SHORT))
	$(call section,Browser tests,$(MAKE) browser)
	$(call section,Kubernetes and Argo CD,$(MAKE) cluster)
	$(call section,The control plane itself,cd e2e/cluster && go test -count 1 ./...)
	$(call section,The line on a real control plane,$(MAKE) line)

.PHONY: tools
tools: $(LINT) web/node_modules/.package-lock.json e2e/node_modules/.package-lock.json ## install what the tests need: Debian packages, npm packages, golangci-lint
	@.ci/debian-packages

.PHONY: generated
generated: $(ASSETS) ## fail if the generated code is not what the templates say
	@sums() { find . -name node_modules -prune -o -name '*_templ.go' -print0 | sort -z | xargs -0r sha256sum; }; \
	before=$$(sums); $(MAKE) generate; \
	diff <(echo "$$before") <(sums) || { echo 'The generated code was out of date. It is current now: commit it.'; exit 1; }

.PHONY: lint
lint: $(LINT) $(ASSETS) ## gofmt and golangci-lint; prints long functions and files as warnings
	@unformatted=$$(find . -name node_modules -prune -o -name '*.go' -print0 | xargs -0 gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	@$(LINT) run ./...
	@cd e2e/cluster && $(CURDIR)/$(LINT) run --config ../../.golangci.yml ./...
	@cd k8s/network/differential && $(CURDIR)/$(LINT) run --config ../../../.golangci.yml ./...
	@$(LINT) run --enable-only funlen --issues-exit-code 0 --show-stats=false --output.text.print-issued-lines=false ./... | sed 's/^/warning: /'
	@find . -name node_modules -prune -o -name '*.go' ! -name '*_templ.go' -print0 | xargs -0 wc -l \
		| awk '$$2 != "total" && $$1 > 500 { print "warning: " $$2 " has " $$1 " lines" }'

.PHONY: fuzz
fuzz: $(ASSETS) ## run every fuzz target for a while: make fuzz FUZZ_LONG=10m
	@grep -rHoE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz\w+' . | while IFS=: read -r file match; do \
		target=$${match#func }; echo "$$target in $$(dirname "$$file")"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_LONG) "$$(dirname "$$file")" </dev/null; \
	done

.PHONY: browser
browser: build e2e/node_modules/.package-lock.json ## the portal in a real browser; PICTURES=1 keeps pictures in e2e/artifacts
	@cd e2e && npm run --silent check && npx playwright test --project=portal

.PHONY: line
line: build cluster e2e/node_modules/.package-lock.json ## the whole line: browser, Git, Argo CD, API server, webhook
	@cd e2e && npm run --silent check && npx playwright test --project=cluster

.PHONY: bench
bench: $(ASSETS) ## benchmarks, each with its baseline and the ratio between them
	@go test -run '^$$' -bench . -benchmem -timeout 60m \
		$$(grep -rlE --include='*_test.go' --exclude-dir=node_modules '^func Benchmark' . | xargs -rn1 dirname | sort -u)

.PHONY: clean
clean: ## remove what was built; .tenure, .cache and node_modules stay
	@echo 'Removing bin, web/static/build and e2e/artifacts'
	@rm -rf bin web/static/build e2e/artifacts
