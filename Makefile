# drilld: build, test, demo. `make help` lists the targets; everything built lands in build/.
#
#   OUT=build/debug DEBUG=1   a variant in a folder of its own (make debug does that)
#   CC=clang                  the other compiler

OUT ?= build
DEBUG ?= 0
JOBS ?= $(shell nproc)
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))

PKGS := libuv libnghttp2 sqlite3 openssl jansson yaml-0.1 libcurl libcares libseccomp
CPPFLAGS := -Iserver -I. -D_GNU_SOURCE
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
# No fused multiply-add: the same journal gives the same bits of score on every machine.
CFLAGS := -std=gnu11 $(WARN) -ffp-contract=off -g -fno-omit-frame-pointer -fstack-protector-strong
LDFLAGS := -Wl,--as-needed -Wl,-z,relro,-z,now
ifeq ($(DEBUG),1)
CFLAGS += -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else
CFLAGS += -O2 -D_FORTIFY_SOURCE=2
endif
# Expanded when a recipe runs, so that `make deps` may install what they name first.
# http-parser and wslay come without pkg-config files in Debian.
LIBS = $(shell pkg-config --libs $(PKGS)) -lhttp_parser -lwslay -lpthread -lm
CFLAGS_LIBS = $(shell pkg-config --cflags $(PKGS))

FLOORS := base scenario core store net dispatch api
LIB_SRC := $(sort $(foreach f,$(FLOORS),$(wildcard server/$(f)/*.c))) checker/protocol.c
CHECKER_SRC := $(filter-out checker/main.c checker/protocol.c,$(sort $(wildcard checker/*.c)))
MAIN_SRC := server/main.c server/options.c
CTL_SRC := server/ctl.c $(sort $(wildcard server/ctl/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*/test_*.c) $(wildcard tests/replay/test_*.c) $(wildcard tests/golden/test_*.c))
BENCH_SRC := $(sort $(wildcard tests/bench/bench_*.c))
FAULT_SRC := $(sort $(wildcard tests/fault/*.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
WEB_SRC := $(shell find scoreboard -name node_modules -prune -o -type f -print 2>/dev/null)

obj = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
LIB := $(OUT)/libdrill.a
LIBCHECKER := $(OUT)/libchecker.a
UNIT := $(patsubst %.c,$(OUT)/%,$(UNIT_SRC))
BENCH_BIN := $(patsubst %.c,$(OUT)/%,$(BENCH_SRC))
FAULT_BIN := $(patsubst %.c,$(OUT)/%,$(FAULT_SRC))
FUZZ_BIN := $(patsubst %.c,build/fuzz/%,$(FUZZ_SRC))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

## all: the programs, the web page and the challenges
.PHONY: all
all: programs challenges

.PHONY: programs
programs: $(OUT)/drilld $(OUT)/drill-checker $(OUT)/drillctl

## deps: install what is missing from Debian packages (root or sudo; instant when nothing is)
.PHONY: deps
deps:
	@sh scripts/deps.sh

## demo: a real drill on loopback; DEMO_SECONDS=60 ends it by itself
.PHONY: demo
demo: deps
	@$(MAKE) --no-print-directory all
	@sh scripts/demo.sh

## test: everything that proves it works
.PHONY: test
test: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all tests
	@$(MAKE) --no-print-directory -j$(JOBS) debug
	@sh tests/run.sh

## debug: all of it again under ASan and UBSan, in build/debug
.PHONY: debug
debug:
	@$(MAKE) --no-print-directory OUT=build/debug DEBUG=1 programs challenges tests

.PHONY: tests
tests: $(UNIT) $(FAULT_BIN)

.PHONY: fuzzers
fuzzers: $(FUZZ_BIN)

## bench: one JSON line per figure; BENCH=NAME for one
.PHONY: bench
bench: all $(BENCH_BIN)
	@sh tests/bench/run.sh $(BENCH)

.PHONY: bench-programs
bench-programs: $(BENCH_BIN)

## lint: floors, formatting, routes against OpenAPI, options against documentation
.PHONY: lint
lint:
	@sh tests/lint/run.sh

## format: clang-format over every C file
.PHONY: format
format:
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

## fuzz: every fuzzer for FUZZ_SECONDS (60) each, starting from its seeds; FUZZ=NAME for one
.PHONY: fuzz
fuzz: $(FUZZ_BIN)
	@sh tests/fuzz/run.sh $(FUZZ)

## docker-test: build the images and see three ticks pass
.PHONY: docker-test
docker-test:
	@sh docker/test.sh

## clean: remove build/
.PHONY: clean
clean:
	rm -rf build

## help: this list
.PHONY: help
help:
	@sed -n 's/^## //p' Makefile

# ---- C ----

$(OUT)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_LIBS) -MMD -MP -c $< -o $@

$(LIB): $(call obj,$(LIB_SRC))
	@rm -f $@
	ar rcs $@ $^

$(LIBCHECKER): $(call obj,$(CHECKER_SRC))
	@rm -f $@
	ar rcs $@ $^

$(OUT)/drilld: $(call obj,$(MAIN_SRC)) $(OUT)/obj/assets.o $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(OUT)/drillctl: $(call obj,$(CTL_SRC)) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

$(OUT)/drill-checker: $(call obj,checker/main.c) $(LIBCHECKER) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# Their raw limit is a bare libwebsockets server.
$(OUT)/tests/bench/%: LIBS += $(shell pkg-config --libs libwebsockets)

# What benchmarks share.
$(BENCH_BIN): $(call obj,$(filter-out $(BENCH_SRC),$(wildcard tests/bench/*.c)))

$(OUT)/tests/%: $(OUT)/obj/tests/%.o $(LIBCHECKER) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) -lcmocka $(LIBS) -o $@

# What their assembler text includes.
$(OUT)/obj/checker/warm_source.o build/fuzz/obj/checker/warm_source.o: checker/warm_zygote.py

$(OUT)/obj/server/core/embedded.o build/fuzz/obj/server/core/embedded.o: $(wildcard server/core/data/*)

# Fuzzers have objects of their own: clang, sanitizers, coverage for libFuzzer.
FUZZ_FLAGS := -std=gnu11 -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=undefined
build/fuzz/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	clang $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined $(CFLAGS_LIBS) -MMD -MP -c $< -o $@

build/fuzz/libdrill.a: $(patsubst %.c,build/fuzz/obj/%.o,$(LIB_SRC) $(CHECKER_SRC))
	@rm -f $@
	ar rcs $@ $^

build/fuzz/tests/fuzz/%: build/fuzz/obj/tests/fuzz/%.o build/fuzz/libdrill.a
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined $(LDFLAGS) $^ $(LIBS) -o $@

# ---- the web page, and its files as one object: drilld serves them from memory ----

# Not `npm ci`: it refuses a lock file that leaves out other platforms' optional packages, as a registry
# without them makes one. --no-save takes the locked versions and leaves the lock file alone.
build/web.node_modules: scoreboard/package.json scoreboard/package-lock.json
	cd scoreboard && npm install --no-save --ignore-scripts --prefer-offline --loglevel=error
	@mkdir -p $(@D) && touch $@

# One document of the parts that lie beside the routes: it is served, and the page's types are made of it.
build/openapi.json: $(wildcard server/api/openapi/*.json) scripts/openapi.mjs
	@mkdir -p $(@D)
	node scripts/openapi.mjs server/api/openapi > $@.new && mv $@.new $@

build/web/index.html: $(WEB_SRC) build/openapi.json build/web.node_modules
	cd scoreboard && npm run --silent build

$(OUT)/obj/assets.o: build/web/index.html build/openapi.json scripts/embed.sh
	@mkdir -p $(@D)
	sh scripts/embed.sh build/web build/openapi.json > $(@D)/assets.c
	$(CC) $(CPPFLAGS) -std=gnu11 -c $(@D)/assets.c -o $@

# ---- challenges: each has a Makefile of its own and builds into $(OUT)/challenges/NAME ----

CHALLENGES := $(patsubst challenges/%/Makefile,%,$(wildcard challenges/*/Makefile))
.PHONY: challenges $(addprefix challenge-,$(CHALLENGES))
challenges: $(addprefix challenge-,$(CHALLENGES))
$(addprefix challenge-,$(CHALLENGES)): challenge-%:
	@$(MAKE) --no-print-directory -C challenges/$* OUT=$(abspath $(OUT))/challenges/$* CC="$(CC)" DEBUG=$(DEBUG)

-include $(shell find $(OUT)/obj build/fuzz/obj -name '*.d' 2>/dev/null)
