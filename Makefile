# The menu. Every rule is in deploy/; here is only its name and a sentence. What is set on the command line is in its environment.
.DEFAULT_GOAL := help
.PHONY: help up bundle down status logs doctor admin clean test bench bench-events soak-events chaos chaos-red crash-points fuzz races proto node-image fmt lint

help: ## Print this menu
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## Install what is missing, build, start everything; PROFILE=release for production, BUNDLE=FILE without building
	@deploy/stack.sh up

bundle: ## Write one file with everything built, for machines without compilers or networks (BUNDLE=FILE names it)
	@PROFILE=$(or $(PROFILE),release) LABYARD_HOME="$$PWD/.labyard/bundle" deploy/stack.sh bundle

down: ## Stop everything; data and labs stay
	@deploy/stack.sh down

status: ## Show each program, since when it runs, and whether it is ready
	@deploy/stack.sh status

logs: ## Follow the logs; S=api-gateway shows one program's
	@deploy/stack.sh logs $(S)

doctor: ## Check everything and say how to repair what is bad
	@deploy/stack.sh doctor

admin: ## Act as this installation's operator: DO=adopt, DO='reset-password EMAIL', DO='reap HOST', DO=rotate-keys
	@deploy/stack.sh admin $(DO)

clean: ## Delete this installation's data and labs (YES=1 asks nothing)
	@YES=$(YES) deploy/stack.sh clean

test: ## Run everything that must pass, real clusters and a real browser included
	@deploy/test.sh

bench: ## Measure against bare parts; figures go to .labyard/bench
	@deploy/bench.sh

bench-events: ## Measure events to thousands of streams beside nchan and a bare write() loop; TRANSPORTS='sse websocket'
	@SMOKE=$(SMOKE) TRANSPORTS='$(TRANSPORTS)' deploy/bench-events.sh

soak-events: ## Hold 10,000 streams through kills of what carries their events (STREAMS, EVENTS, SEED, … shrink and repeat it)
	@deploy/soak-events.sh

chaos: ## Kill everything at random under N=… lifecycles on the fake driver (SEED=… repeats the choices)
	@N=$(N) SEED=$(SEED) deploy/chaos.sh run

chaos-red: ## The same with the fence check off, which must be found
	@N=$(N) SEED=$(SEED) deploy/chaos.sh red

crash-points: ## Kill gateway and worker at each crash point (LABYARD_NODE_IMAGE names the node image)
	@deploy/chaos.sh points

fuzz: ## Ask the API and the parsers what nobody thought of (N=… requests of a kind, SECONDS=… a parser, SEED=… repeats)
	@N=$(N) PARSER_SECONDS=$(SECONDS) SEED=$(SEED) deploy/fuzz.sh

races: ## Let a hundred at once want what one can have, ROUNDS=1000 times each
	@ROUNDS=$(ROUNDS) deploy/races.sh

proto: ## Write proto/ and the page's types anew from the code
	@deploy/proto.sh

node-image: ## Pull or build the image that a lab's node is made from
	@deploy/stack.sh node-image

fmt: ## Format Rust and the page
	@deploy/fmt.sh

lint: ## Check formatting, lints and scripts, without running a test
	@deploy/test.sh lint
