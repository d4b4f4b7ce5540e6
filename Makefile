# make run    set up, then start web server and worker with the demo data
# make test   set up, then everything a user can check, browser tests included
# make setup  virtual environment, requirements, frontend build (called by both; does nothing twice)
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
VENV := .venv/bin
SOURCES := $(shell find frontend/src frontend/index.html frontend/vite.config.ts frontend/tsconfig.json -type f 2>/dev/null)
.PHONY: run setup test lint check-schema schema frontend-test browser demo-model clean

run: setup
	@$(PYTHON) petreview/preflight.py run --port $(PORT)
	@PETREVIEW_DEMO=1 $(VENV)/python manage.py run --port $(PORT)

setup: .venv/.installed frontend/dist/.built

.venv/.installed: requirements.txt requirements-dev.txt
	@$(PYTHON) petreview/preflight.py setup
	@echo "Installing the Python packages (a few minutes the first time) ..."
	@test -x $(VENV)/python || $(PYTHON) -m venv .venv
	@$(VENV)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json
	@$(PYTHON) petreview/preflight.py setup
	@echo "Installing the frontend's packages ..."
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/.built: frontend/node_modules/.installed $(SOURCES)
	@echo "Building the frontend ..."
	@cd frontend && npm run --silent build
	@touch $@

lint: .venv/.installed
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy .
	$(VENV)/lint-imports
	$(VENV)/python manage.py makemigrations --check --dry-run
	$(VENV)/python manage.py check

# The committed schema and the client's types made from it must be what the code gives.
schema: .venv/.installed frontend/node_modules/.installed
	$(VENV)/python manage.py spectacular --validate --fail-on-warn --format openapi-json --file frontend/src/api/openapi.json
	cd frontend && npm run --silent schema

check-schema: .venv/.installed frontend/node_modules/.installed
	$(VENV)/python manage.py spectacular --validate --fail-on-warn --format openapi-json --file .schema-check.json
	@diff -q .schema-check.json frontend/src/api/openapi.json >/dev/null || \
	  { rm -f .schema-check.json; echo "The API differs from frontend/src/api/openapi.json: run 'make schema'."; exit 1; }
	@rm -f .schema-check.json
	cd frontend && npm run --silent schema:check

frontend-test: frontend/node_modules/.installed
	cd frontend && npm run --silent lint && npm run --silent test

browser: .venv/.installed
	@$(VENV)/python -m tests.e2e.get_browser

# The last line is pytest's own, so that a reader of the output sees what ran and what was skipped.
test: setup lint check-schema frontend-test browser
	$(if $(PETREVIEW_TEST_POSTGRES_URL),PETREVIEW_DATABASE_URL=$(PETREVIEW_TEST_POSTGRES_URL) $(VENV)/pytest -q -n 2 tests/accounts tests/studies tests/segmentations tests/reads tests/exports)
	$(VENV)/pytest -n 2 --dist loadfile

demo-model: .venv/.installed
	$(VENV)/python -m inference.training.train_demo_model --out inference/demo_model

clean:
	rm -rf .venv frontend/node_modules frontend/dist
