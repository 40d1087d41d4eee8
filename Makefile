# sekisho: `make run` starts the gate on its defaults, `make test` runs every check.
# Needs Debian 12 with Go and git; whatever else the tests need, `make test` installs.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
PACKAGES := postfix swaks python3 libemail-mime-perl prometheus yamllint
FUZZTIME ?= 4000x

.PHONY: run demo build test deps fmt vet static tidy unit fuzz e2e lint bench clean

run: build
	@./sekisho run

# The same with DNS answers for the sample messages of testdata/cases, for trying
# it without a network or real senders.
demo: build
	@$(GO) run ./testdata/demo

build: sekisho

.PHONY: sekisho
sekisho:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o sekisho ./cmd/sekisho

# Everything that must hold before a change lands, cheapest first.
test: deps fmt tidy vet static lint unit fuzz e2e
	@echo 'make test: all steps passed'

deps:
	@deploy/test/install-packages $(PACKAGES)

fmt:
	@out=$$(gofmt -l cmd filter policy testdata deploy); test -z "$$out" || { echo "gofmt: $$out"; exit 1; }

tidy:
	$(GO) mod tidy -diff

vet:
	$(GO) vet ./...

static: out/staticcheck
	out/staticcheck ./...

out/staticcheck: deploy/tools/go.mod
	@mkdir -p out
	cd deploy/tools && $(GO) build -o ../../out/staticcheck honnef.co/go/tools/cmd/staticcheck

# Shell scripts, units, rules of Prometheus and the Dockerfile; where no container
# engine is at hand the image can only be checked by its rules, not built.
lint:
	@deploy/test/lint

unit:
	$(GO) test -race -shuffle=on -skip '^TestE2E' ./...

fuzz:
	@GO='$(GO)' deploy/test/fuzz $(FUZZTIME)

# A real Postfix, a real DNS server, the real binary.
e2e:
	$(GO) test -count=1 -run '^TestE2E' ./filter/e2e

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf sekisho out
