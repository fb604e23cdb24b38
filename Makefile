# The two that matter: `make demo` and `make test`. Both install what they need.

SHELL := /bin/bash
# Outside the checkout, so that a fresh clone does not build it again.
TOOLS ?= /var/cache/galactl-tools
CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2
CARGO_DEB_VERSION := 3.8.0
MDBOOK_VERSION := 0.5.4
# For each target of `make fuzz`.
FUZZ_SECONDS ?= 600
# Who answers for the Debian package; whoever publishes it gives an own name and address.
MAINTAINER ?= galactl maintainers <maintainers@galactl.example>
# Where cargo builds, as it decides itself.
TARGET := $(or $(CARGO_TARGET_DIR),$(CARGO_BUILD_TARGET_DIR),target)
RELEASE := $(TARGET)/release/galactl
# Built sooner than the release; what a run waits for is the hosts.
DEBUG := $(TARGET)/debug/galactl
RUST := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
# What `make deb` packs, and where to. Tests give the program that they are built with.
DEB_BINARY ?= $(RELEASE)
DEB_OUT ?= target/package
DEMO := /var/lib/galactl-lab/demo/inventory.yaml

.PHONY: help demo rust demo-down deb $(RELEASE) deb-tools test lint test-core lab-roots test-lab test-lab-scripts bench failovers conflicts book fuzz fuzz-keep fuzz-tools tools tools-cargo tools-packages packages

help:
	@sed -n 's/^## //p' Makefile

## make demo       three lab hosts become a verified cluster; KEEP=1 leaves them running
demo: rust
	@[ "$$(id -u)" = 0 ] || { echo "make demo boots hosts with systemd-nspawn, which needs root: sudo make demo" >&2; exit 1; }
	@[ -e $(DEBUG) ] || echo "Building galactl into $(TARGET). The first time this takes some minutes." >&2
	cargo build --locked
	@echo "Starting three hosts, then galactl makes a cluster of them. The first time the hosts' root file" \
	    "systems are built, in a minute or two." >&2
	lab/lab down demo
	@if [ -n "$(KEEP)" ]; then \
	    lab/lab up demo db1 db2 db3 && \
	    $(DEBUG) bootstrap inventories/lab.yaml --yes && \
	    echo "The hosts are still there: lab/lab ssh demo db1. To stop them: make demo-down"; \
	else \
	    lab/lab run demo db1 db2 db3 -- $(DEBUG) bootstrap inventories/lab.yaml --yes; \
	fi

# Before anything else is done or downloaded.
rust:
	@have=$$(cargo --version 2>/dev/null | cut -d' ' -f2); \
	if [ -z "$$have" ]; then \
	    echo "galactl is built with Rust $(RUST) or later, and this machine has no cargo: install Rust with rustup" >&2; exit 1; \
	elif [ "$$(printf '%s\n' "$(RUST)" "$$have" | sort --version-sort | head -n 1)" != "$(RUST)" ]; then \
	    echo "galactl is built with Rust $(RUST) or later, and this machine has $$have: rustup update" >&2; exit 1; \
	fi

## make demo-down  stop the hosts of `make demo KEEP=1`
demo-down:
	lab/lab down demo

## make deb        a Debian package of galactl, for Debian 12 and later; prints where it is
deb: deb-tools $(filter $(RELEASE),$(DEB_BINARY))
	@PATH=$(TOOLS)/bin:$$PATH .ci/deb/pack.sh "$(DEB_BINARY)" "$(DEB_OUT)" "$(MAINTAINER)" $(DEB_OPTIONS)

$(RELEASE):
	cargo build --release --locked --quiet

deb-tools:
	@{ command -v xz && command -v dpkg-shlibdeps; } >/dev/null || \
	    { apt-get update -qq && apt-get install -qq -y xz-utils dpkg-dev >/dev/null; }
	@[ "$$($(TOOLS)/bin/cargo-deb --version 2>/dev/null)" = "cargo-deb $(CARGO_DEB_VERSION)" ] || \
	    cargo install --quiet cargo-deb --locked --version $(CARGO_DEB_VERSION) --root $(TOOLS) --debug --no-default-features

## make test       everything: lints, tests of the core, tests on real hosts
test:
	@# What is downloaded and booted mostly waits, and does so while the rest is compiled. With set -m, what runs beside can be
	@# interrupted, which the lab's own tests try.
	@mkdir -p target; rm -f target/parts; set -m; \
	part() { \
	    local began=$$SECONDS code=0; $(MAKE) --no-print-directory $$1 || code=$$?; \
	    printf '%6d s  %s\n' $$((SECONDS - began)) "$$1$$([ $$code = 0 ] || echo ' failed')" >>target/parts; return $$code; \
	}; \
	{ part tools-packages && part lab-roots && part test-lab-scripts; } >target/lab-scripts.log 2>&1 & \
	beside=$$!; trap 'kill -INT -- -$$beside' INT; code=0; \
	part tools-cargo && part lint && part test-core || code=$$?; \
	wait $$beside || { code=$$?; cat target/lab-scripts.log; }; \
	[ $$code != 0 ] || part test-lab || code=$$?; \
	echo "What each part took:"; cat target/parts; exit $$code

## make lint       formatting, clippy, licences and sources of dependencies, shell scripts
lint: tools
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --all-targets --quiet -- -D warnings
	$(TOOLS)/bin/cargo-deny --log-level error check bans licenses sources
	shellcheck --shell=bash lab/lab lab/selftest lab/scenes lab/lib/*.sh benches/*.sh fuzz/*.sh .ci/run .ci/*.sh .ci/*/*.sh
	shellcheck --shell=sh src/galera/act/logs/*.sh src/galera/judge/*.sh src/galera/load/act/*.sh src/cli/*.sh
	sed 's/{{[^}]*}}/word/g' templates/galactl-health | shellcheck --shell=sh -
	sed 's/{%[^%]*%}//g; s/{{[^}]*}}/word/g' templates/galactl-nginx | shellcheck --shell=bash -
	@for script in src/galera/observe/*.sh src/galera/garbd/*.sh src/galera/health/*.sh src/kernel/facts/program.sh src/kernel/haproxy/*.sh src/galera/monitoring/*.sh src/galera/tls/*.sh \
	    src/galera/proxy/*/*.sh src/kernel/keepalived/*.sh src/patroni/observe/recover.sh src/patroni/observe/digest.sh \
	    src/patroni/observe/seed.sh src/patroni/observe/beside_seed.sh; do \
	    cat src/kernel/facts/head.sh src/kernel/facts/machine.sh $$script | \
	        shellcheck --shell=sh --exclude=SC2034 - || { echo "in $$script, after head.sh and machine.sh"; exit 1; }; \
	done
	@# What packages.sh is to look for, each engine sets itself.
	{ cat src/kernel/facts/head.sh src/kernel/facts/machine.sh; echo "wanted='' needed=''"; \
	    cat src/postgresql/packages.sh src/patroni/observe/asking.sh src/patroni/observe/node.sh src/patroni/observe/datadir.sh \
	    src/patroni/observe/server.sh src/patroni/observe/etcd.sh; } | shellcheck --shell=sh --exclude=SC2034 -
	cat src/kernel/facts/head.sh src/kernel/facts/machine.sh src/mesh/observe/version.sh src/postgresql/packages.sh \
	    src/mesh/observe/of_users.sh src/mesh/observe/look.sh | shellcheck --shell=sh --exclude=SC2034 -
	cat src/kernel/facts/head.sh src/patroni/observe/adopt.sh | shellcheck --shell=sh --exclude=SC2034 -

## make test-core  tests without hosts
test-core: tools-packages
	cargo test --quiet

## make test-lab   galactl on booted hosts with a real mariadbd; SCENE=NAME runs those with NAME in their names
test-lab: lab-roots
	@# Whose workloads `galactl load` runs.
	@command -v sysbench >/dev/null || { apt-get update -qq && apt-get install -qq -y sysbench >/dev/null; }
	lab/scenes $(SCENE)

test-lab-scripts: lab-roots
	lab/selftest

lab-roots:
	lab/lab build bullseye bookworm trixie

## make bench      measure, and write docs/benchmarks.md
bench: lab-roots
	cargo bench --quiet --bench plan | tee target/bench-plan.md
	cargo build --release --quiet
	cargo bench --quiet --bench bootstrap | tee target/bench-bootstrap.md
	cargo bench --quiet --bench patroni | tee target/bench-patroni.md
	cargo bench --quiet --bench observe | tee target/bench-observe.md
	cargo bench --quiet --bench waves | tee target/bench-waves.md
	cargo bench --quiet --bench compare | tee target/bench-compare.md
	cat benches/head.md target/bench-{bootstrap,patroni,waves,compare,observe,plan}.md > docs/benchmarks.md

## make failovers  what clients notice of a lost primary, as docs/failovers.md; takes most of an hour
failovers: lab-roots
	cargo bench --quiet --profile dev --bench failovers
	cat benches/failovers-head.md target/failovers.md > docs/failovers.md

## make conflicts  what becomes of rows that two nodes of a mesh change, as docs/conflicts.md; takes some minutes;
##                 GALACTL_CUT=60 cuts the link for a minute
conflicts: lab-roots
	cargo bench --quiet --profile dev --bench conflicts
	cat benches/conflicts-head.md target/conflicts.md > docs/conflicts.md

## make book       docs/ as a book of HTML pages, in target/book/docs
# The pages link to examples and inventories, which are copied beside the built pages.
book:
	@[ "$$($(TOOLS)/bin/mdbook --version 2>/dev/null)" = "mdbook v$(MDBOOK_VERSION)" ] || \
	    cargo install --quiet mdbook --locked --version $(MDBOOK_VERSION) --no-default-features --features search --root $(TOOLS)
	$(TOOLS)/bin/mdbook build docs
	cp -r examples inventories target/book/

## make fuzz       every parser of foreign text, FUZZ_SECONDS (600) each; see docs/decisions/fuzzing.md
fuzz: fuzz-tools
	PATH=$(TOOLS)/bin:$$PATH fuzz/run.sh $(FUZZ_SECONDS)

## make fuzz-keep  take what `make fuzz` found into the corpus that the tests replay
fuzz-keep: fuzz-tools
	PATH=$(TOOLS)/bin:$$PATH fuzz/run.sh keep

fuzz-tools: tools-cargo tools-packages

# Without optimisation: it is run once, and to build it as its authors release it takes minutes.
tools-cargo:
	@rustup component add rustfmt clippy 2>/dev/null || cargo clippy --version >/dev/null
	@[ "$$($(TOOLS)/bin/cargo-deny --version 2>/dev/null)" = "cargo-deny $(CARGO_DENY_VERSION)" ] || \
	    cargo install --quiet cargo-deny --locked --version $(CARGO_DENY_VERSION) --root $(TOOLS) --debug --no-default-features

# Two parts of `make test` may ask for it at once.
tools-packages:
	@mkdir -p $(TOOLS); exec 9>$(TOOLS)/packages.lock; flock 9; $(MAKE) --no-print-directory packages

packages:
	@command -v shellcheck >/dev/null || { apt-get update -qq && apt-get install -qq -y shellcheck >/dev/null; }
	@{ test -x $(TOOLS)/bin/promtool && test -x $(TOOLS)/bin/amtool; } || .ci/monitoring-tools.sh $(TOOLS)
	@.ci/grafana/install.sh $(TOOLS)
	@# A browser, which looks at the pages that Prometheus serves.
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y chromium >/dev/null; }
