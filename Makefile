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
LIBS := libmodbus libconfig jansson sqlite3 libcurl zlib libmicrohttpd libsystemd

# CFLAGS, CPPFLAGS and LDFLAGS stay the builder's (dpkg-buildpackage sets them).
CFLAGS  ?= -O2 -g
cflags   = -std=c17 $(WARN) $(HARD) $(SANF) $(CFLAGS)
cppflags = -I. -D_GNU_SOURCE -MMD -MP $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3) \
           -DFACILITYD_VERSION='"$(VERSION)"' -DFACILITYD_DATADIR='"$(PREFIX)/share/facilityd"' \
           $(CPPFLAGS)
ldflags  = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed \
           $(SANF) $(LDFLAGS)
ldlibs   = $(shell pkg-config --libs $(LIBS)) -lpaho-mqtt3as -lm -pthread $(LDLIBS)

SRC   := $(filter-out gateway/main.c,$(wildcard $(LAYERS:=/*.c)))
OBJ   := $(SRC:%.c=$(OUT)/%.o)
LIB   := $(OUT)/libfacilityd.a
TESTS := $(patsubst %.c,$(OUT)/%,$(wildcard tests/unit/test_*.c))
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

$(OUT)/plantsim: $(patsubst %.c,$(OUT)/%.o,$(wildcard plantsim/*.c)) $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -o $@

$(OUT)/tests/unit/test_%: $(OUT)/tests/unit/test_%.o $(LIB)
	$(CC) $(cflags) $(ldflags) $^ $(ldlibs) -lcmocka -o $@

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(cppflags) $(cflags) -c $< -o $@

unit: $(TESTS)
	@for t in $(TESTS); do $$t || exit 1; done

layers:
	@LAYERS="$(LAYERS)" tests/check_layers.sh

format:
	@clang-format --dry-run --Werror $(wildcard */*.[ch] tests/*/*.[ch])

check: layers format unit

clean:
	rm -rf build build-*

-include $(OBJ:.o=.d) $(TESTS:=.d) $(patsubst %.c,$(OUT)/%.d,$(wildcard gateway/main.c ctl/*.c plantsim/*.c))
.PHONY: all unit layers format check clean
.SECONDARY:
