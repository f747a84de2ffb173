# From a fresh clone: `make run` shows the whole way, `make test` proves it. Both set the machine up first.

# Where set-up puts Node.js when the system has none or an old one.
export PATH := $(CURDIR)/build/node/tools:$(PATH)

FIREFORGE := node host/bin/fireforge.js
BIN       := node_modules/.bin
MODEL     := squeezenet1.1
BOARD     := zynq-7020
BUILD     := build/$(MODEL)-$(BOARD)
SEED      := 1

.PHONY: run test test-long lint typescript rtl-lint vitest faults bench synth fmax clean help setup-run setup-test

help:
	@echo 'make run       fetch the trained network, compile it, and prove the RTL against the other witnesses'
	@echo 'make test      lint, and all tests'
	@echo 'make test-long 300 random networks, 100,000 damaged files and 100,000 faulty tapes; SEED=2 draws others'
	@echo 'make lint      format, types, and the RTL: every module and every kind of emitted design'
	@echo 'make faults    put deliberate faults into the engine, one by one, and see the tests catch them'
	@echo 'make bench     measure again what docs/reference/performance.md states'
	@echo 'make synth     synthesize for series 7: LUTs, DSPs and block memories, by module'
	@echo 'make fmax      synthesize, place and route for ECP5: clock rate and critical path (half an hour)'
	@echo 'make clean     remove what was built'

run: setup-run
	@if $(FIREFORGE) fetch $(MODEL); then set --; else \
	  echo 'The trained network cannot be fetched: the same with random weights (seed $(SEED)).'; \
	  set -- --weights none --seed $(SEED); \
	fi; \
	$(FIREFORGE) compile $(MODEL) "$$@" --board $(BOARD) -o $(BUILD)
	@$(FIREFORGE) verify $(BUILD)

test: typescript vitest

test-long: setup-test
	@RANDOM_NETWORKS=300 RANDOM_SEED=$(SEED) $(BIN)/vitest run test/end-to-end/random.test.ts
	@FUZZ_FILES=100000 FUZZ_SEED=$(SEED) $(BIN)/vitest run test/fuzz/fuzz.test.ts
	@RANDOM_FAULTS=100000 RANDOM_SEED=$(SEED) $(BIN)/vitest run test/bus-faults

lint: typescript rtl-lint

typescript: setup-test
	@$(BIN)/biome check --error-on-warnings .
	@$(BIN)/tsc --noEmit

rtl-lint: setup-test
	@$(BIN)/vitest run test/rtl/lint.test.ts test/gen/emit/verilog.test.ts

vitest: setup-test
	@$(BIN)/vitest run

faults: setup-test
	@node --import tsx test/faults/run.ts

bench: setup-run
	@node --import tsx bench/all.ts

synth: setup-run
	@node --import tsx bench/all.ts synth

fmax: setup-run
	@node --import tsx bench/all.ts fmax

clean:
	rm -rf build

setup-run:
	@host/setup.sh run

setup-test:
	@host/setup.sh test
