# facilityd
#   make            build/facilityd, build/facilityctl, build/plantsim
#   make run        the demo building: installs what is missing, builds, starts, Ctrl-C stops
#   make test       everything: unit, sanitizers, end to end, lint; installs what is missing
#   make check      fast: unit tests, layers, format      make lint   the static analysers
#   make bench      measures against a yardstick           make fuzz   60 s per target
#   make install    PREFIX=/usr DESTDIR=                   make docs   the generated reference
#   SAN=address,undefined or SAN=thread builds with sanitizers in a folder of its own.

# A folder may include itself and the folders to its left: the path of the data.
LAYERS := base telemetry config adapters rules issues history reports web gateway
VERSION := 0.1.0

CC      := gcc
PREFIX  ?= /usr/local
SAN     ?=
comma   := ,
OUT     ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))

WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wconversion -Wundef -Wvla \
        -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
        -Wpointer-arith -Wcast-qual -Wwrite-strings -Wswitch-enum -Wnull-dereference \
        -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wimplicit-fallthrough=5
HARD := -fstack-protector-strong -fstack-clash-protection \
        $(if $(filter x86_64,$(shell uname -m)),-fcf-protection=full) \
        -ftrivial-auto-var-init=zero -fno-strict-overflow -fPIE
SANF := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
LIBS := libmodbus libprotobuf-c libconfig jansson sqlite3 libcurl zlib libmicrohttpd libsystemd

# CFLAGS, CPPFLAGS and LDFLAGS stay the builder's (dpkg-buildpackage sets them).
CFLAGS  ?= -O2 -g
cflags   = -std=c17 $(WARN) $(HARD) $(SANF) $(CFLAGS)
cppflags = -I. -D_GNU_SOURCE -MMD -MP $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3) \
           -DFACILITYD_VERSION='"$(VERSION)"' $(CPPFLAGS)
ldflags  = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed \
           $(SANF) $(LDFLAGS)
ldlibs   = $(shell pkg-config --libs $(LIBS)) -lpaho-mqtt3as -lm -pthread $(LDLIBS)

SRC   := $(filter-out gateway/main.c,$(wildcard $(LAYERS:=/*.c)))
OBJ   := $(SRC:%.c=$(OUT)/%.o) $(OUT)/web/assets_data.o $(OUT)/gen/sparkplug_b.pb-c.o
LIB   := $(OUT)/libfacilityd.a
SIMOBJ := $(patsubst plantsim/%.c,$(OUT)/sim/%.o,$(wildcard plantsim/*.c))
SIMLIB := $(OUT)/libplantsim.a
# A season of simulated time takes minutes: `make month`.
# Whole sites over days of simulated time: their parts have tests of their own, which the
# sanitizers see and `make check` runs.
SIMULATED := staging staging_long healthy_month missing_data month reference
TESTS := $(patsubst %.c,$(OUT)/%,$(filter-out %/test_staging_season.c,$(wildcard tests/unit/test_*.c)))
PROGRAMS := $(OUT)/facilityd $(OUT)/facilityctl $(OUT)/plantsim

all: $(PROGRAMS)

# An archive, so that a unit test links only what it uses.
$(LIB): $(OBJ)
	@rm -f $@
	ar rcs $@ $^

$(OUT)/facilityd: $(OUT)/gateway/main.o $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -o $@

$(OUT)/facilityctl: $(patsubst %.c,$(OUT)/%.o,$(wildcard ctl/*.c)) $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -o $@

# What facilityctl is made of, for its tests.
CTLLIB := $(OUT)/libctl.a
$(CTLLIB): $(filter-out %/main.o,$(patsubst %.c,$(OUT)/%.o,$(wildcard ctl/*.c)))
	@rm -f $@
	ar rcs $@ $^

$(OUT)/tests/unit/test_ctl_%: $(OUT)/tests/unit/test_ctl_%.o $(CTLLIB) $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -lcmocka -o $@

$(SIMLIB): $(filter-out %/main.o,$(SIMOBJ))
	@rm -f $@
	ar rcs $@ $^

$(OUT)/plantsim: $(OUT)/sim/main.o $(SIMLIB) $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -o $@

$(OUT)/tests/unit/test_plantsim_%: $(OUT)/tests/unit/test_plantsim_%.o $(SIMLIB) $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -lcmocka -o $@

# Tests of a whole site in simulated time: the adapters' clocks are the town's.
TOWN_TESTS := $(filter-out %/test_month.c,$(shell grep -ls '"tests/sim/' tests/unit/test_*.c))
TOWNLIB := $(OUT)/libtown.a
$(OUT)/tests/sim/town_gate.o $(OUT)/tests/unit/test_mains_loss.o: cppflags += -DTOWN_SHARE='"$(OUT)/share"'
$(TOWNLIB): $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/sim/*.c))
	@rm -f $@
	ar rcs $@ $^
$(TOWN_TESTS:%.c=$(OUT)/%): $(OUT)/%: $(OUT)/%.o $(TOWNLIB) $(SIMLIB) $(LIB) | share
	$(CC) $(cflags) $(ldflags) -Wl,--wrap=mono_now -Wl,--wrap=wall_now $(filter %.o %.a,$^) \
	    $(ldlibs) -lcmocka -o $@

$(OUT)/tests/unit/test_%: $(OUT)/tests/unit/test_%.o $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -lcmocka -o $@

# A month of a town whose gateway dies: without the month files of history/.
MONTHS := $(OUT)/tests/acceptance/month_of_kills $(OUT)/tests/unit/test_month
$(MONTHS): $(OUT)/%: $(OUT)/%.o $(TOWNLIB) $(SIMLIB) $(LIB) | share
	$(CC) $(cflags) $(ldflags) -Wl,--wrap=mono_now -Wl,--wrap=wall_now \
	    -Wl,--wrap=history_query $(filter %.o %.a,$^) $(ldlibs) -lcmocka -o $@

# The slow evaluator written from the definitions, beside the real one.
REFERENCE := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/unit/reference*.c))
BY_REFERENCE := $(patsubst %.c,$(OUT)/%,$(wildcard tests/unit/test_reference*.c \
                                                 tests/unit/test_functions*.c))
$(BY_REFERENCE): $(OUT)/%: $(OUT)/%.o $(REFERENCE) $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -lcmocka -o $@

# build/plantsim is the program, so its objects live elsewhere.
$(OUT)/sim/%.o: plantsim/%.c
	@mkdir -p $(@D)
	$(CC) $(cppflags) $(cflags) -c $< -o $@

# `make` and then `make install PREFIX=/usr`: the program must look where it is installed.
$(OUT)/prefix: always
	@mkdir -p $(@D)
	@echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' >$@
$(OUT)/gateway/options.o $(OUT)/ctl/rules.o: $(OUT)/prefix
$(OUT)/gateway/options.o $(OUT)/ctl/rules.o: cppflags += -DFACILITYD_DATADIR='"$(PREFIX)/share/facilityd"'

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "CC  $<";) $(CC) $(cppflags) $(cflags) -c $< -o $@

# The decoder of Sparkplug payloads is generated from their description.
$(OUT)/gen/sparkplug_b.pb-c.c: adapters/sparkplug_b.proto
	@mkdir -p $(@D)
	protoc-c --proto_path=$(<D) --c_out=$(@D) $<
$(OUT)/gen/sparkplug_b.pb-c.h: $(OUT)/gen/sparkplug_b.pb-c.c
$(OUT)/gen/sparkplug_b.pb-c.o: $(OUT)/gen/sparkplug_b.pb-c.c
	$(CC) -std=c17 $(HARD) $(SANF) $(CFLAGS) -w -c $< -o $@
$(OUT)/adapters/sparkplug_payload.o: $(OUT)/gen/sparkplug_b.pb-c.h
$(OUT)/adapters/sparkplug_payload.o: cppflags += -I$(OUT)/gen

# What the pages need beside themselves, embedded (web/assets.h).
ASSETS := $(sort $(wildcard web/assets/*))
$(OUT)/web/assets_data.S: web/assets.sh $(ASSETS)
	@mkdir -p $(@D)
	web/assets.sh $(ASSETS) > $@

$(OUT)/web/assets_data.o: $(OUT)/web/assets_data.S
	$(CC) $(filter -fcf-protection%,$(HARD)) -c $< -o $@

# The web tests run against a small make-believe site instead of the real stages.
WEB_FAKES := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/unit/web_fake*.c))
$(OUT)/tests/unit/test_web_%: $(OUT)/tests/unit/test_web_%.o $(WEB_FAKES) $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -lcmocka -o $@
$(OUT)/tests/unit/fake_web: $(OUT)/tests/unit/fake_web.o $(WEB_FAKES) $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -o $@

unit: $(TESTS)
	@tests/unit.sh $(TESTS)

# The reference of the configuration, printed from the rows that read it.
$(OUT)/tests/tools/%: $(OUT)/tests/tools/%.o $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -o $@

docs: $(OUT)/tests/tools/reference $(OUT)/tests/tools/rules share
	@mkdir -p docs
	$< > docs/CONFIGURATION.md
	$(OUT)/tests/tools/rules $(OUT)/share > docs/RULE-LIBRARY.md

layers:
	@LAYERS="$(LAYERS)" tests/check_layers.sh

format:
	@clang-format --dry-run --Werror $(wildcard */*.[ch] tests/*/*.[ch])

check: layers format
	@$(MAKE) -s --no-print-directory -j$$(nproc) \
	    TESTS="$(filter-out $(SIMULATED:%=$(OUT)/tests/unit/test_%),$(TESTS))" unit

# What `make install` puts under share/facilityd, in the same shape for runs from the tree.
share: | $(OUT)
	@mkdir -p $(OUT)/share
	@ln -sfn $(CURDIR)/config/profiles $(OUT)/share/profiles
	@ln -sfn $(CURDIR)/config/tables $(OUT)/share/tables
	@ln -sfn $(CURDIR)/config/calendars $(OUT)/share/calendars
	@ln -sfn $(CURDIR)/rules/library $(OUT)/share/rules

$(OUT):
	@mkdir -p $@

run:
	@tests/tools/packages.sh run
	@$(MAKE) --no-print-directory all share
	@OUT=$(OUT) plantsim/run.sh

test:
	@tests/tools/packages.sh test
	@OUT=$(OUT) SIMULATED="$(SIMULATED)" tests/run.sh

# Months of simulated time: the healthy building, and a season in which much goes wrong.
month: $(OUT)/tests/unit/test_healthy_month $(OUT)/tests/unit/test_staging_season
	WHOLE=1 $(OUT)/tests/unit/test_healthy_month
	WHOLE=1 $(OUT)/tests/unit/test_staging_season

lint: layers format $(OUT)/gen/sparkplug_b.pb-c.h
	@OUT=$(OUT) tests/lint.sh $(SRC) gateway/main.c $(wildcard ctl/*.c plantsim/*.c)

# Programs of the benchmarks and the generator of the reference stand alone or on the archive.
$(OUT)/tests/bench/yardstick: tests/bench/yardstick.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra $< -o $@

$(OUT)/tests/bench/mqtt_flood: tests/bench/mqtt_flood.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra $< -o $@

$(OUT)/tests/bench/paho_receive: tests/bench/paho_receive.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra $< -lpaho-mqtt3as -o $@

# Beside Lua, which nothing else needs.
$(OUT)/tests/bench/bench_alarms.o: cppflags += $(shell pkg-config --cflags lua5.4 2>/dev/null)
$(OUT)/tests/bench/bench_alarms: $(OUT)/tests/bench/bench_alarms.o $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) $(shell pkg-config --libs lua5.4) -o $@

$(OUT)/tests/bench/bench_%: $(OUT)/tests/bench/bench_%.o $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -o $@

# Programs of the acceptance runs.
$(OUT)/tests/acceptance/%: $(OUT)/tests/acceptance/%.o $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -o $@

bench: all share $(addprefix $(OUT)/tests/bench/,yardstick mqtt_flood paho_receive)
	@tests/tools/packages.sh test
	@$(MAKE) -s OUT=$(OUT) $(OUT)/tests/bench/bench_alarms
	@$(OUT)/tests/bench/bench_alarms
	@OUT=$(OUT) /usr/bin/python3 tests/bench/run.py $(BENCH)

fuzz:
	@tests/tools/packages.sh test
	@tests/fuzz/run.sh

install: all
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/facilityd/,profiles tables calendars rules)
	install -D -m 755 $(OUT)/facilityd $(DESTDIR)$(PREFIX)/sbin/facilityd
	install -D -m 755 $(OUT)/facilityctl $(DESTDIR)$(PREFIX)/bin/facilityctl
	install -m 644 config/profiles/*.cfg $(DESTDIR)$(PREFIX)/share/facilityd/profiles
	install -m 644 config/tables/*.cfg $(DESTDIR)$(PREFIX)/share/facilityd/tables
	install -m 644 config/calendars/*.cfg $(DESTDIR)$(PREFIX)/share/facilityd/calendars
	install -m 644 rules/library/*.cfg $(DESTDIR)$(PREFIX)/share/facilityd/rules
	install -D -m 644 config/facilityd.cfg $(DESTDIR)$(PREFIX)/share/doc/facilityd/facilityd.cfg
	install -m 644 docs/*.md CHANGELOG.md $(DESTDIR)$(PREFIX)/share/doc/facilityd
	install -D -m 644 systemd/serial.conf $(DESTDIR)$(PREFIX)/share/doc/facilityd/serial.conf
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's:/usr/sbin/facilityd:$(PREFIX)/sbin/facilityd:' systemd/facilityd.service \
	    >$(DESTDIR)$(PREFIX)/lib/systemd/system/facilityd.service
	install -D -m 644 systemd/facilityd.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/facilityd.conf
	install -D -m 644 systemd/facilityd.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/facilityd.conf
	install -D -m 644 docs/man/facilityd.8 $(DESTDIR)$(PREFIX)/share/man/man8/facilityd.8
	install -D -m 644 docs/man/facilityctl.1 $(DESTDIR)$(PREFIX)/share/man/man1/facilityctl.1
	install -D -m 644 docs/man/facilityd.cfg.5 $(DESTDIR)$(PREFIX)/share/man/man5/facilityd.cfg.5

clean:
	rm -rf build build-*

-include $(wildcard $(OUT)/*/*.d $(OUT)/*/*/*.d)
.PHONY: all always month unit layers format check share run test lint install bench fuzz docs clean
.SECONDARY:
