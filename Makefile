# Two commands are all there is to know: `make demo` and `make test`. Every target installs what is missing first.

CACHE := $(or $(TIDEWATCH_CACHE_DIR),$(HOME)/.cache/tidewatch)

.PHONY: demo test cluster cluster-down images e2e e2e-long chaos soak bench-accuracy bench-faults model setup clean help

help:
	@echo "make demo          a real Kafka, 11 HVAC devices with faults and a detector, for 60 seconds"
	@echo "make test          every test"
	@echo "make cluster       a kubeconfig to a working cluster: KUBECONFIG=... if given, kind, or one made on this machine"
	@echo "make cluster-down  remove the cluster that make cluster made"
	@echo "make images        the three images, by Docker or without an engine"
	@echo "make e2e           the stories of the platform on a cluster: KUBECONFIG=... if given"
	@echo "make e2e-long      the same with the long ones: five minutes at rest, 200 pipelines at once"
	@echo "make chaos         exactly once under kills, broken networks, broker restarts and rescaling: a million readings each"
	@echo "make soak          ten minutes at 20,000 readings a second: memory, sockets, timers, idle wake-ups"
	@echo "make bench-faults  precision and recall by kind of fault"
	@echo "make bench-accuracy  NAB, SKAB, faults and flows, beside baselines and peers: DATA=... says where the data lies"
	@echo "make model         train the autoencoder on simulated sensors: out/model/autoencoder.onnx"
	@echo "make clean         remove what the repository built (the download cache stays in $(CACHE))"

demo: setup
	@npm run --silent demo

test: setup
	@npm run --silent check

cluster: setup
	@npm run --silent cluster -- up $(if $(KUBECONFIG),--kubeconfig $(KUBECONFIG))

cluster-down: setup
	@npm run --silent cluster -- down

images: setup
	@npm run --silent images

e2e: setup
	@TIDEWATCH_E2E_KUBECONFIG=$(KUBECONFIG) npm run --silent test:cluster

e2e-long: setup
	@TIDEWATCH_E2E_KUBECONFIG=$(KUBECONFIG) TIDEWATCH_E2E_LONG=true npm run --silent test:cluster

chaos: setup
	@npm run --silent chaos

soak: setup
	@npm run --silent soak

bench-faults: setup
	@npm run --silent bench:faults

bench-accuracy: setup
	@npm run --silent bench:accuracy -- $(if $(DATA),--data $(DATA))

model: setup
	@npm run --silent model

setup:
	@scripts/setup.sh

clean:
	rm -rf node_modules out coverage
