# mvpdash. Two commands do all the set-up: `make run` and `make test`. `make help` lists the rest.
#
# One object tree a variant (V=release|debug|asan|tsan) under build/; dependencies are generated, so
# nothing here changes when a file is added. Files made from others go to build/gen.

V       ?= release
B       := build/$(V)
G       := build/gen
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := $(shell sed -n 's/^\#\# \[\([0-9.]*\)\].*/\1/p' CHANGELOG.md | head -n 1)

PKGS      := libcurl openssl libcjson inih sqlite3 ncursesw
TEST_PKGS := criterion vterm

# gcc and newer clangs would count how long each text may get; older clangs do not know that option.
WARN_NOT := -Wno-unknown-warning-option -Wno-format-truncation
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wundef -Wvla -Wwrite-strings \
        -Wstrict-prototypes -Wmissing-prototypes $(WARN_NOT)
HARDEN  := -fstack-protector-strong -fPIE
release := -O2 -g -DNDEBUG -D_FORTIFY_SOURCE=2 $(HARDEN)
debug   := -O0 -g3 $(HARDEN)
asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
tsan    := -O1 -g -fsanitize=thread
LINK_release := -pie -Wl,-z,relro,-z,now
LINK_debug   := -pie
LINK_asan    := -fsanitize=address,undefined
LINK_tsan    := -fsanitize=thread

CSTD     := -std=c17
# When: of the last commit, so that the same sources give the same program.
BUILT    := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),0)
DEFS     := -D_GNU_SOURCE -DNCURSES_NOMACROS -DNCURSES_WIDECHAR=1 -DMVPDASH_VERSION='"$(VERSION)"'
CPPFLAGS += $(DEFS) -Iinclude -I. -MMD -MP $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
CFLAGS   += $(CSTD) $(WARN) $($(V)) $(EXTRA)
LDFLAGS  += $(LINK_$(V))
# The dynamic linker looks for every symbol of every library in this order: those that define most of
# them come first, which takes a twentieth off the start of a short command.
LDLIBS   += -Wl,--as-needed -lcrypto -lc $(shell pkg-config --libs $(PKGS) 2>/dev/null) -pthread -lm

find = $(shell find $(1) -name '$(2)' 2>/dev/null | LC_ALL=C sort)
LIB_SRC  := $(filter-out src/main.c,$(call find,src ui,*.c))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
UNIT_OBJ := $(patsubst %.c,$(B)/%.o,$(call find,tests/unit tests/local,*.c))
E2E_OBJ  := $(patsubst %.c,$(B)/%.o,$(call find,tests/e2e,*.c))
# The pictures, and what holds time and chance still while they are taken.
SCREENS_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out tests/screens/fixed.c,$(call find,tests/screens,*.c)) \
               tests/e2e/cloud.c tests/e2e/pty.c tests/e2e/service.c)
STRESS   := $(patsubst tests/stress/%.c,$(B)/stress/%,$(call find,tests/stress,*.c))
# The records that the bench and the tests that count bytes measure with.
BENCH_DATA := $(B)/tests/bench/items.o
BENCH    := $(filter-out $(B)/bench/items,$(patsubst tests/bench/%.c,$(B)/bench/%,$(call find,tests/bench,*.c)))
FUZZ     := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(call find,tests/fuzz,fuzz_*.c))
OWN_C    := $(call find,src ui tests,*.c)
OWN_H    := $(call find,include src ui tests,*.h)

Q := $(if $(VERBOSE),,@)
# Some kernels give more address-space randomness than gcc's ThreadSanitizer can map.
NO_ASLR := $(shell setarch -R true 2>/dev/null && echo setarch -R)

## Everyday
build: build/mvpdash ## build/mvpdash, with -O2 and hardening

run: deps-build ## install what is missing, build, open the dashboard on the local cloud
	$(Q)$(MAKE) --no-print-directory -j2 V=release build
	@build/mvpdash --local $(ARGS)

test: deps-test ## install what is missing, build, run the whole suite
	$(Q)$(MAKE) --no-print-directory -j2 V=$(V) programs
	$(Q)$(MAKE) --no-print-directory V=$(V) suite

check: deps-lint ## what CI runs: test, sanitizers, lint, counts, conformance, faults, the package, a minute of fuzzing
	$(Q)$(MAKE) --no-print-directory test
	$(Q)$(MAKE) --no-print-directory lint
	$(Q)$(MAKE) --no-print-directory asan
	$(Q)$(MAKE) --no-print-directory tsan
	$(Q)$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=3
	$(Q)$(MAKE) --no-print-directory counts
	$(Q)$(MAKE) --no-print-directory conformance
	$(Q)$(MAKE) --no-print-directory faults
	$(Q)$(MAKE) --no-print-directory package-check

## Parts of the suite
asan: deps-test ## the whole suite under address, leak and undefined-behaviour sanitizers
	$(Q)$(MAKE) --no-print-directory -j2 V=asan programs
	$(Q)$(MAKE) --no-print-directory V=asan suite

tsan: deps-test ## the thread-sanitized program through its end-to-end and stress tests
	$(Q)$(MAKE) --no-print-directory -j2 V=tsan build/tsan/mvpdash build/tsan/e2e stress-programs
	$(Q)$(MAKE) --no-print-directory V=tsan stress e2e

conformance: deps-conformance ## the AWS CLI against the local cloud, the REST API against its schema, mvpdash against moto
	$(Q)$(MAKE) --no-print-directory -j2 V=$(V) $(B)/mvpdash $(B)/conformance/aws_read
	sh tests/conformance/run.sh $(abspath $(B)/mvpdash)

counts: deps-counts ## instructions and bytes of work that never varies, against the numbers in tests/counts/check.sh
	$(Q)$(MAKE) --no-print-directory -j2 V=release build/release/counts
	sh tests/counts/check.sh build/release/counts

FAULTS ?= quick
faults: deps-faults ## deploys, kills and damaged state under a fault proxy, counted by another client (FAULTS=long, SEED=n)
	$(Q)$(MAKE) --no-print-directory -j2 V=$(V) $(B)/mvpdash $(B)/stress/stress_follow
	$(call sanitized,sh tests/faults/run.sh $(abspath $(B)/mvpdash) $(FAULTS))
	$(call sanitized,$(B)/stress/stress_follow $(if $(filter long,$(FAULTS)),20000,1000) $(SEED))

RELEASE ?= trixie
fresh-check: deps-fresh ## `make run` and `make test` in bare roots of RELEASE (bookworm, trixie ...): as a user with sudo; as root its unit tests
	sh tests/fresh/check.sh $(RELEASE) $(FRESH_AS)

programs: $(B)/mvpdash $(B)/unit $(B)/e2e
SUITE ?= unit e2e
suite: $(SUITE)

SAN_ENV  = ASAN_OPTIONS=detect_leaks=1:log_path=$(abspath $(B))/report$(SAN_MORE) \
           UBSAN_OPTIONS=print_stacktrace=1:log_path=$(abspath $(B))/report \
           TSAN_OPTIONS=suppressions=$(abspath tests/stress/tsan.supp):exitcode=66:log_path=$(abspath $(B))/report$(SAN_MORE) \
           LSAN_OPTIONS=suppressions=$(abspath tests/lint/lsan.supp):print_suppressions=0

# Leaks do not fail a Criterion run: a report file does.
define sanitized
	$(Q)rm -f $(B)/report.*
	$(Q)$(SAN_ENV) CRITERION_NO_EARLY_EXIT=1 MVPDASH=$(abspath $(B)/mvpdash) $(1)
	$(Q)if ls $(B)/report.* >/dev/null 2>&1; then cat $(B)/report.*; echo "sanitizer reports in $(B)"; exit 1; fi
endef

unit: $(B)/unit $(B)/mvpdash ## unit, golden and loopback tests (Criterion)
	$(call sanitized,sh tests/unit/run.sh $(B)/unit -j4 --timeout 120 $(UNIT_ARGS))

# The terminal tests send crash signals to see the terminal put back: the program's handlers must get
# them, not the sanitizer's. A crash that nobody sent still fails the test that sees it.
e2e: SAN_MORE := :handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0
e2e: $(B)/e2e $(B)/mvpdash ## the program in a terminal (libvterm), and its commands
	$(call sanitized,E2E_TERMINAL=$(abspath $(B)/e2e) $(if $(filter tsan,$(V)),$(NO_ASLR)) sh tests/e2e/run.sh $(abspath $(B)/mvpdash))

stress-programs: $(STRESS)
stress: $(STRESS) ## thread stress programs
	$(call sanitized,sh -ec 'for t in $(STRESS); do $(if $(filter tsan,$(V)),$(NO_ASLR)) timeout --foreground -k 10 600 $$t; done')

fuzz-programs: $(FUZZ)
bench-programs: $(BENCH)
FUZZ_SECONDS ?= 20
FUZZ_SEED ?= 0
fuzz: deps-fuzz ## every fuzz target for FUZZ_SECONDS (clang); FUZZ_SEED=N: the same inputs each time
	$(Q)$(MAKE) --no-print-directory -j2 fuzz-programs
	$(Q)printf '%s\n' $(notdir $(FUZZ)) | xargs -P 2 -I NAME sh tests/fuzz/run.sh build/fuzz/NAME $(FUZZ_SECONDS) $(FUZZ_SEED)
	@echo "fuzz: $(words $(FUZZ)) passed, 0 failed"

bench: deps-bench ## speed and memory (SPEC 10)
	$(Q)$(MAKE) --no-print-directory -j2 V=$(V) $(B)/mvpdash bench-programs
	$(Q)sh tests/bench/run.sh $(abspath $(B)) $(BENCH_JOBS)

lint: deps-lint ## dependency direction (includes and linked symbols), banned calls, opening sentences, format, tidy, shellcheck, infra/, docs, pictures
	sh tests/lint/includes.sh
	sh tests/lint/banned.sh
	sh tests/lint/words.sh
	sh tests/lint/phrases.sh
	$(Q)$(MAKE) --no-print-directory links-check
	clang-format --dry-run -Werror $(OWN_C) $(OWN_H)
	sh tests/lint/terraform.sh
	shellcheck -S warning -s sh .ci/deps $(call find,tests infra,*.sh) $(wildcard infra/container/entrypoint) $(filter-out %.json %.html %.css %.md,$(wildcard infra/container/stages/*))
	$(Q)$(MAKE) --no-print-directory docs-check
	$(Q)$(MAKE) --no-print-directory screens-check
	$(Q)$(MAKE) --no-print-directory tidy

links-check: $(B)/mvpdash
	sh tests/lint/links.sh $(B)

# How many steps its analyzer takes in a function: its own default is 225000. Three quarters of the time
# go into the last steps of few functions, so `.ci/run` takes fewer.
TIDY_NODES ?=
TIDY_LIMIT = $(if $(TIDY_NODES),$(addprefix --extra-arg=,-Xclang -analyzer-config -Xclang max-nodes=$(TIDY_NODES)))
TIDY := $(patsubst %.c,build/tidy/%.ok,$(filter-out tests/%,$(OWN_C)))
tidy:
	$(Q)$(MAKE) --no-print-directory -j2 $(TIDY)
build/tidy/%.ok: %.c .clang-tidy
	@mkdir -p $(@D)
	@echo "  TIDY    $<"
	$(Q)clang-tidy --quiet $(TIDY_LIMIT) $< -- $(CSTD) $(DEFS) -Iinclude -I. -I$(G) $(shell pkg-config --cflags $(PKGS) 2>/dev/null) 2>build/tidy/log || { cat build/tidy/log; exit 1; }
	$(Q)touch $@

words: ## every text of the program that a person can meet, with file and line
	@python3 tests/lint/texts.py

format: ## clang-format all sources
	clang-format -i $(OWN_C) $(OWN_H)

docs: build/mvpdash ## write man pages, completions and the tables of README.md and assets/ from the program's own tables
	sh tests/lint/docs.sh --write build/mvpdash
docs-check: build/mvpdash
	sh tests/lint/docs.sh --check build/mvpdash
	sh tests/lint/iam.sh build/mvpdash

screens: deps-test ## take the pictures of the README anew: the program in a terminal, as SVG in assets/screens
	$(Q)$(MAKE) --no-print-directory -j2 V=$(V) $(B)/mvpdash $(B)/screens $(B)/fixed.so
	$(Q)sh tests/screens/run.sh --write $(B)
screens-check: $(B)/mvpdash $(B)/screens $(B)/fixed.so
	$(Q)sh tests/screens/run.sh --check $(B)

## Installing
ZSH_DIR ?= $(PREFIX)/share/zsh/site-functions
DOC_DIR ?= $(PREFIX)/share/doc/mvpdash
INSTALLED = $(PREFIX)/bin/mvpdash $(PREFIX)/share/bash-completion/completions/mvpdash $(ZSH_DIR)/_mvpdash \
            $(DOC_DIR)/config.example.ini $(foreach page,$(MAN_PAGES),$(call man_path,$(page)))
MAN_PAGES := mvpdash.1 mvpdash-config.5 mvpdash-keys.7
man_path = $(PREFIX)/share/man/man$(subst .,,$(suffix $(1)))/$(1)

install: build ## DESTDIR and PREFIX are honoured
	install -D -m 755 $(B)/mvpdash $(DESTDIR)$(word 1,$(INSTALLED))
	install -D -m 644 assets/mvpdash.bash $(DESTDIR)$(word 2,$(INSTALLED))
	install -D -m 644 assets/_mvpdash $(DESTDIR)$(word 3,$(INSTALLED))
	install -D -m 644 assets/config.example.ini $(DESTDIR)$(word 4,$(INSTALLED))
	$(foreach page,$(MAN_PAGES),install -D -m 644 assets/$(page) $(DESTDIR)$(call man_path,$(page)) &&) true

uninstall: ## removes what install put there
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	rmdir $(DESTDIR)$(DOC_DIR) 2>/dev/null || true

deb: deps-package build ## build/mvpdash_VERSION-1_ARCH.deb
	$(Q)sh infra/packaging/deb.sh $(VERSION) $(B)/mvpdash build

package-check: deb ## the package and `make install`, installed elsewhere, run and removed
	$(Q)sh tests/lint/package.sh build/mvpdash_$(VERSION)-1_*.deb

DIST_ARCHES ?= x86_64 aarch64
DIST ?= build/dist
dist: deps-dist ## static programs for x86_64 and aarch64, their tar.gz, .deb and .rpm, SHA256SUMS (LOCKED=1: only what the lock names)
	$(Q)sh infra/dist/build.sh $(VERSION) $(abspath $(DIST)) $(DIST_ARCHES)
dist-libs: deps-dist ## the libraries inside the static programs, built once and kept in ~/.cache (`make dist` does it too)
	$(Q)LIBS_ONLY=1 sh infra/dist/build.sh $(VERSION) $(abspath $(DIST)) $(DIST_ARCHES)

dist-check: deps-dist-check ## the static programs and packages of `make dist`, tried in empty roots (DIST_E2E=all: by all end-to-end tests)
	$(if $(filter all,$(DIST_E2E)),$(Q)$(MAKE) --no-print-directory -j2 V=$(V) $(B)/e2e)
	$(Q)DIST_E2E="$(DIST_E2E)" DIST_TERMINAL=$(if $(filter all,$(DIST_E2E)),$(abspath $(B)/e2e)) \
	    sh tests/dist/check.sh $(VERSION) $(abspath $(DIST)) $(DIST_ARCHES)

SAME ?= folder
dist-same: deps-dist ## `make dist` once more in a folder of another name gives the same bytes (SAME=whole: and with another cache)
	$(Q)sh tests/dist/same.sh $(SAME) $(VERSION) $(abspath $(DIST)) $(DIST_ARCHES)

dist-locked: deps-dist ## what `make dist` takes and refuses when lock, cache and mirror do not agree, with LOCKED=1 and without
	$(Q)sh tests/dist/locked.sh

CONTAINER ?= mvp-pipeline
container: deps-container ## the pipeline's image (docker, or buildah where no daemon answers) with the static program of `make dist` if there is one
	$(Q)sh infra/container/build.sh $(CONTAINER)
container-check: deps-container ## the image that `make container` built, run by the local cloud in each way that a job can go (CASES="pipeline silent ...")
	$(Q)$(MAKE) --no-print-directory -j2 V=$(V) $(B)/mvpdash
	$(Q)sh tests/container/check.sh $(abspath $(B)/mvpdash) $(CONTAINER) $(CASES)
container-tools: deps-container ## its base and tools, kept for `make container`
	$(Q)sh infra/container/build.sh $(CONTAINER) tools

deps: ## install what building, testing and linting need
	$(Q)sh .ci/deps build test lint conformance package fresh
deps-%:
	$(Q)sh .ci/deps $*

clean: ## remove build/
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p; s/^## \(.*\)/\n\1/p' Makefile | column -t -s '|' 2>/dev/null || true

# ---- rules ------------------------------------------------------------------------------------

build/mvpdash: $(B)/mvpdash
	$(Q)ln -sf $(V)/mvpdash $@

# The local cloud carries the starter pipeline.
PIPELINE := infra/container/entrypoint $(wildcard infra/container/stages/*)
$(G)/pipeline_files.inc: infra/container/embed.sh $(PIPELINE)
	@mkdir -p $(@D)
	@echo "  GEN     $@"
	$(Q)sh $< >$@.new && mv $@.new $@
$(B)/src/cloud/batch/pipeline.o build/fuzz/obj/src/cloud/batch/pipeline.o build/tidy/src/cloud/batch/pipeline.ok: $(G)/pipeline_files.inc

$(B)/src/core/build.o: CPPFLAGS += -DMVPDASH_BUILT=$(BUILT)
$(B)/src/main.o: CPPFLAGS += -DMVPDASH_INIH='"$(shell pkg-config --modversion inih 2>/dev/null)"'

$(B)/libmvpdash.a: $(LIB_OBJ)
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/mvpdash: $(B)/src/main.o $(B)/libmvpdash.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(B)/libmvpdash.a $(LDLIBS)

$(B)/unit: $(UNIT_OBJ) $(BENCH_DATA) $(B)/libmvpdash.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(UNIT_OBJ) $(BENCH_DATA) $(B)/libmvpdash.a $(LDLIBS) $(shell pkg-config --libs $(TEST_PKGS) 2>/dev/null)

$(B)/e2e: $(E2E_OBJ) $(B)/libmvpdash.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(E2E_OBJ) $(B)/libmvpdash.a $(LDLIBS) $(shell pkg-config --libs vterm 2>/dev/null) -lutil

$(B)/screens: $(SCREENS_OBJ) $(B)/libmvpdash.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(SCREENS_OBJ) $(B)/libmvpdash.a $(LDLIBS) $(shell pkg-config --libs vterm 2>/dev/null) -lutil

$(B)/fixed.so: tests/screens/fixed.c tests/screens/fixed.h Makefile
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) $(CSTD) $(WARN) -O2 -D_GNU_SOURCE -fPIC -shared -pthread -o $@ $<

$(B)/counts: $(B)/tests/counts/counts.o $(BENCH_DATA) $(B)/libmvpdash.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(BENCH_DATA) $(B)/libmvpdash.a $(LDLIBS) -lutil

$(B)/stress/%: $(B)/tests/stress/%.o $(B)/libmvpdash.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(B)/libmvpdash.a $(LDLIBS)

$(B)/bench/%: $(B)/tests/bench/%.o $(BENCH_DATA) $(B)/libmvpdash.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(BENCH_DATA) $(B)/libmvpdash.a $(LDLIBS)

$(B)/conformance/%: $(B)/tests/conformance/%.o $(B)/libmvpdash.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(B)/libmvpdash.a $(LDLIBS)

# Fuzz targets are built by clang with the whole library instrumented: with all warnings, so that they
# are CI's build by clang as well.
FUZZ_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_LIB   := $(LIB_SRC:%.c=build/fuzz/obj/%.o)
build/fuzz/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CLANG   $<"
	$(Q)clang $(CPPFLAGS) $(CSTD) $(WARN) $(FUZZ_FLAGS) $(EXTRA) -fsanitize=fuzzer-no-link -c $< -o $@
build/fuzz/libmvpdash.a: $(FUZZ_LIB)
	$(Q)rm -f $@ && ar rcs $@ $^
build/fuzz/%: tests/fuzz/%.c build/fuzz/libmvpdash.a
	@echo "  LINK    $@"
	$(Q)clang $(CPPFLAGS) $(CSTD) $(WARN) $(FUZZ_FLAGS) $(EXTRA) -fsanitize=fuzzer -MF build/fuzz/$*.d -o $@ $< build/fuzz/libmvpdash.a $(LDLIBS)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

-include $(shell find build -name '*.d' -type f -not -path 'build/*/usr/*' -not -path 'build/venv*' 2>/dev/null)

.PHONY: build run test words check fresh-check asan tsan conformance counts faults programs suite unit e2e stress \
        stress-programs fuzz-programs bench-programs \
        fuzz bench lint links-check tidy format docs docs-check screens screens-check install uninstall deb package-check dist dist-libs dist-check dist-same dist-locked container container-check container-tools deps clean help
.SECONDARY:
.DELETE_ON_ERROR:
