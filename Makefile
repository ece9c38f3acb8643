# mvpdash. Two commands do all the set-up: `make run` and `make test`. `make help` lists the rest.
#
# One object tree a variant (V=release|debug|asan|tsan) under build/; dependencies are generated, so
# nothing here changes when a file is added.

V       ?= release
B       := build/$(V)
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := $(shell sed -n 's/^\#\# \[\([0-9.]*\)\].*/\1/p' CHANGELOG.md | head -n 1)

PKGS      := ncursesw libcurl libcjson openssl libmicrohttpd sqlite3 inih
TEST_PKGS := criterion vterm

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wundef -Wvla -Wwrite-strings \
        -Wstrict-prototypes -Wmissing-prototypes -Wno-format-truncation
HARDEN  := -fstack-protector-strong -fPIE
release := -O2 -g -D_FORTIFY_SOURCE=2 $(HARDEN)
debug   := -O0 -g3 $(HARDEN)
asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
tsan    := -O1 -g -fsanitize=thread
LINK_release := -pie -Wl,-z,relro,-z,now
LINK_debug   := -pie
LINK_asan    := -fsanitize=address,undefined
LINK_tsan    := -fsanitize=thread

CSTD     := -std=c17
DEFS     := -D_GNU_SOURCE -DNCURSES_NOMACROS -DNCURSES_WIDECHAR=1 -DMVPDASH_VERSION='"$(VERSION)"'
CPPFLAGS += $(DEFS) -Iinclude -I. -MMD -MP $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
CFLAGS   += $(CSTD) $(WARN) $($(V)) $(EXTRA)
LDFLAGS  += $(LINK_$(V))
LDLIBS   += $(shell pkg-config --libs $(PKGS) 2>/dev/null) -pthread -lm

LIB_SRC  := $(filter-out src/main.c,$(shell find src ui -name '*.c' 2>/dev/null | LC_ALL=C sort))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
UNIT_SRC := $(shell find tests/unit tests/local -name '*.c' 2>/dev/null | LC_ALL=C sort)
UNIT_OBJ := $(UNIT_SRC:%.c=$(B)/%.o)
E2E_SRC  := $(shell find tests/e2e -name '*.c' 2>/dev/null | LC_ALL=C sort)
E2E_OBJ  := $(E2E_SRC:%.c=$(B)/%.o)
STRESS   := $(patsubst tests/stress/%.c,$(B)/stress/%,$(shell find tests/stress -name '*.c' 2>/dev/null))
FUZZ_SRC := $(shell find tests/fuzz -name 'fuzz_*.c' 2>/dev/null | LC_ALL=C sort)

Q := $(if $(VERBOSE),,@)

build: build/mvpdash

build/mvpdash: $(B)/mvpdash
	$(Q)ln -sf $(V)/mvpdash $@

$(B)/libmvpdash.a: $(LIB_OBJ)
	@echo "  AR      $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/mvpdash: $(B)/src/main.o $(B)/libmvpdash.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(B)/libmvpdash.a $(LDLIBS)

$(B)/unit: $(UNIT_OBJ) $(B)/libmvpdash.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(UNIT_OBJ) $(B)/libmvpdash.a $(LDLIBS) $(shell pkg-config --libs $(TEST_PKGS) 2>/dev/null)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

unit: $(B)/unit
	$(B)/unit

-include $(shell find $(B) -name '*.d' 2>/dev/null)

clean:
	rm -rf build

.PHONY: build unit clean
.DELETE_ON_ERROR:
