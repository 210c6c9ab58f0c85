# Two commands are all there is to know: `make demo` and `make test`. Both install what is missing first.

CACHE := $(or $(TIDEWATCH_CACHE_DIR),$(HOME)/.cache/tidewatch)

.PHONY: demo test check bench-faults setup clean help

help:
	@echo "make demo          a real Kafka, 11 HVAC devices with faults and a detector, for 60 seconds"
	@echo "make test          every test"
	@echo "make bench-faults  precision and recall by kind of fault"
	@echo "make clean         remove what the repository built (the download cache stays in $(CACHE))"

demo: setup
	@npm run --silent demo

test: setup
	@npm run --silent check

bench-faults: setup
	@npm run --silent bench:faults

setup:
	@scripts/setup.sh

clean:
	rm -rf node_modules out coverage
