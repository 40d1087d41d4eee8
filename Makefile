# sekisho: `make run` starts the gate on its defaults, `make test` runs every check.
# Needs Debian 12 with Go and git; whatever else the tests need, `make test` installs.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
PACKAGES := postfix swaks python3 libemail-mime-perl prometheus yamllint postgresql chromium-headless-shell
FUZZTIME ?= 2000x

.PHONY: run demo build test deps fmt vet static tidy unit fuzz e2e lint schemas bench deb clean

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

deps: out/versitygw
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

# The S3-compatible server that tests of the quarantine start.
out/versitygw: deploy/tools/s3/go.mod
	@mkdir -p out
	cd deploy/tools/s3 && $(GO) build -o ../../../out/versitygw github.com/versity/versitygw/cmd/versitygw

# Reads the manifests by the types of Kubernetes.
out/kubernetes: deploy/tools/kubernetes/go.mod deploy/tools/kubernetes/main.go
	@mkdir -p out
	cd deploy/tools/kubernetes && $(GO) build -o ../../../out/kubernetes .

# Holds the dashboards against Grafana's own schema.
out/dashboards: deploy/tools/grafana/go.mod deploy/tools/grafana/main.go
	@mkdir -p out
	cd deploy/tools/grafana && $(GO) build -o ../../../out/dashboards .

# Shell scripts, units, rules of Prometheus and the Dockerfile; where no container
# engine is at hand the image can only be checked by its rules, not built.
lint:
	@deploy/test/lint

# Manifests by Kubernetes' types, dashboards by Grafana's: for who changes them. The
# tools take a minute to build, which make test spends on sekisho.
schemas: out/kubernetes out/dashboards
	out/kubernetes deploy/kubernetes/*.yaml >/dev/null
	out/dashboards deploy/grafana/dashboards/*.json

# The race detector watches the packages; the scripts of the command start the program
# some hundred times, and what it does there is the packages'.
unit:
	$(GO) test -race -shuffle=on -skip '^TestE2E' $$($(GO) list ./... | grep -v '/cmd/')
	$(GO) test -shuffle=on ./cmd/...

fuzz:
	@GO='$(GO)' deploy/test/fuzz $(FUZZTIME)

# A real Postfix, a real DNS server, the real binary.
e2e:
	$(GO) test -count=1 -run '^TestE2E' ./filter/e2e

# A Debian package, in out/. Two builds of one commit are the same, byte by byte.
# Without a tag the version is below every tagged one and grows with each commit.
DEB_ARCH    ?= $(shell $(GO) env GOARCH)
DEB_VERSION ?= $(shell { git describe --tags --dirty 2>/dev/null || \
	echo "0~$$(git rev-list --count HEAD).$$(git describe --always --dirty)"; } | sed -e 's/^v//' -e 's/-/./g')
EPOCH       := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

deb: out/nfpm sekisho
	@rm -rf out/deb && mkdir -p out/deb
	@cp sekisho out/deb/
	@for shell in bash zsh fish; do ./sekisho completion $$shell >out/deb/completion.$$shell || exit 1; done
	@for page in sekisho.1 sekisho.yaml.5; do gzip -9n <deploy/man/$$page >out/deb/$$page.gz || exit 1; done
	@DEB_ARCH='$(DEB_ARCH)' DEB_VERSION='$(DEB_VERSION)' SOURCE_DATE_EPOCH='$(EPOCH)' \
		out/nfpm package --config deploy/debian/nfpm.yaml --packager deb --target out/

out/nfpm: deploy/tools/go.mod
	@mkdir -p out
	cd deploy/tools && $(GO) build -o ../../out/nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf sekisho out
