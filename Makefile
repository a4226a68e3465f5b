# Everything a person types. Each target sets up what it needs (Scripts/bootstrap.sh).

PREFIX ?= /usr/local
HONE   := .build/release/hone

.PHONY: build demo test test-all install base-model validate-memory validate-memory-here validate-time-here sample-ready test-pages

# One release build serves demo and tests, so both set HONE_STRICT; where a newer compiler warns about more than ours
# did, the demo still builds.
build:
	@Scripts/bootstrap.sh
	HONE_STRICT=1 swift build -c release --product hone || swift build -c release --product hone

demo: build
	$(HONE) advise --answers examples/task-api/answers.yaml --data examples/task-api/data.jsonl
	$(HONE) run examples/task-api

test:
	@Scripts/bootstrap.sh
	HONE_STRICT=1 swift build -c release --build-tests
	HONE_STRICT=1 swift test -c release --skip-build

# Slow parity and fault tests on top of the fast ones.
test-all:
	@Scripts/bootstrap.sh
	HONE_STRICT=1 swift build -c release --build-tests
	HONE_STRICT=1 HONE_SLOW_TESTS=1 swift test -c release --skip-build

# Published memory measurements against the memory check, beside simpler ways to predict them.
validate-memory: build
	$(HONE) check --measurements Tests/Oracles/memory/measurements.csv

# Trains 38 small plans here and compares the peak each reached with what the check said before; minutes.
validate-memory-here: build
	Scripts/validate-memory-here.sh $(HONE)

# The same for time: measures this machine, then trains 14 plans of a minute or less on it.
validate-time-here: build
	Scripts/validate-time-here.sh $(HONE)

# The sample report that goes the whole way, with raters, pilot and signature that are synthetic and say so.
sample-ready: build
	Scripts/sample-ready.sh $(HONE)

# Pages in a real browser: rates a whole review by keyboard (needs Chromium, and websocket-client for Python).
test-pages: build
	Tests/Browser/run.sh $(HONE)

install:
	@Scripts/bootstrap.sh
	swift build -c release --product hone --static-swift-stdlib --scratch-path .build-install
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/hone
	install -s .build-install/release/hone $(DESTDIR)$(PREFIX)/bin/hone
	cp -r rules templates models $(DESTDIR)$(PREFIX)/share/hone/

# The embedded practice model from nothing, about two hours on two quiet cores. Training resumes where it stopped; a
# finished step is not repeated unless its result is removed from .build/base-model.
BASE_MODEL := .build/release/base-model
BASE_WORK  := .build/base-model

base-model:
	@Scripts/bootstrap.sh
	swift build -c release --product base-model
	test -f $(BASE_WORK)/corpus.jsonl || $(BASE_MODEL) corpus
	test -d $(BASE_WORK)/start || $(BASE_MODEL) tokenizer
	$(BASE_MODEL) train
	$(BASE_MODEL) export
	$(BASE_MODEL) evaluate
