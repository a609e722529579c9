# Octavox. `make run` and `make test` each set everything up by themselves.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv/bin
FILE ?= resources/samples/spot_vox8.ply
ARGS ?=
CLOUDS ?= resources/samples
TMC3 ?=
EXTRAS ?=
BASE ?=
MINUTES ?= 10
TRAIN ?=
# Where the bench targets write; ARGS=--write puts it into bench/results and docs/ of this checkout instead.
OUT ?= bench-results
# The virtual screen of the window's tests; software drawing, so that every machine draws the same.
SCREEN := xvfb-run -a -s "-screen 0 1280x800x24"
ON_SCREEN := env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1

.DEFAULT_GOAL := help
.PHONY: help run test test-fast check setup setup-test format train screenshots tables notebooks translations architecture docs bench bench-documents bench-against bench-paper bench-scale bench-sparse bench-lidar bench-slices bench-parts bench-formats bench-attributes bench-rd bench-files bench-sample bench-upsample bench-interpolate bench-batch bench-sequences bench-gui bench-gui-large bench-install exact gpu-check kills level fuzz lock clean distclean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | \
	while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

run: setup ## open the window on the bundled sample (FILE=... for another); without a display: the headless demo
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
	  exec $(VENV)/python main.py "$(FILE)"; \
	else \
	  echo "octavox: no display here, so the headless demo runs instead; it writes into demo/"; \
	  exec $(VENV)/python main.py demo; \
	fi

test: setup-test ## run every test, the window's on a virtual display (ARGS="-k name" for some)
	@if command -v xvfb-run >/dev/null; then \
	  exec $(ON_SCREEN) $(SCREEN) $(VENV)/python scripts/run_tests.py $(ARGS); \
	else \
	  exec $(ON_SCREEN) $(VENV)/python scripts/run_tests.py $(ARGS); \
	fi

test-fast: setup-test ## run the quick tests, before a commit (ARGS="-k name" for some)
	@if command -v xvfb-run >/dev/null; then \
	  exec $(ON_SCREEN) $(SCREEN) $(VENV)/python scripts/run_tests.py --quick $(ARGS); \
	else \
	  exec $(ON_SCREEN) $(VENV)/python scripts/run_tests.py --quick $(ARGS); \
	fi

check: setup ## lint, formatting, types and import contracts
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/mypy main.py scripts bench
	cd .venv/parts && ../bin/lint-imports --config ../../pyproject.toml

setup: ## make .venv and install what is missing (run, test and check do this by themselves)
	@$(PYTHON) scripts/bootstrap.py

setup-test:
	@$(PYTHON) scripts/bootstrap.py --virtual-display

format: setup ## apply the formatter and the safe lint fixes
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

train: setup ## say how the network is trained (it takes hours, so nothing starts by itself)
	@echo "Put clouds (.ply, .npz) of your own into a folder, then, and again to resume:"
	@echo "    $(VENV)/python main.py train FOLDER -o runs/voxeldnn"
	@echo "All options:"
	@echo "    $(VENV)/python main.py train --help"

screenshots: setup-test ## take the pictures of docs/images anew (needs Xvfb)
	$(ON_SCREEN) xvfb-run -a -s "-screen 0 1440x900x24" $(VENV)/python scripts/screenshots.py

tables: setup ## what the program knows of itself into docs: options, formats, commands, Python names
	$(VENV)/python scripts/tables.py
	$(VENV)/python scripts/reference.py

notebooks: setup ## run docs/notebooks and keep what they show
	$(VENV)/python scripts/notebooks.py

translations: setup ## new words of the window into resources/translations, and the compiled files from them
	QT_QPA_PLATFORM=offscreen $(VENV)/python scripts/translations.py

architecture: ## draw what the packages import into docs/images/architecture.svg
	$(PYTHON) scripts/architecture.py

bench-against: setup ## bytes and times against another checkout (BASE=folder, CLOUDS=folder, ARGS="--rounds 9")
	$(VENV)/python bench/against.py "$(BASE)" "$(CLOUDS)" $(ARGS)

bench-documents: setup ## docs/benchmarks.md anew from bench/results
	$(VENV)/python bench/output.py

bench-paper: setup ## the paper's Table 1 and Figure 4 on the PLY clouds of a folder (CLOUDS=folder, TMC3=binary for G-PCC)
	$(VENV)/python bench/paper.py "$(CLOUDS)" -o "$(OUT)" $(if $(TMC3),--tmc3 "$(TMC3)") $(ARGS)

bench: setup ## every codec on the PLY clouds of a folder: rate, time, memory (CLOUDS=folder, OUT=folder, TMC3=binary for G-PCC)
	$(VENV)/python bench/codecs.py "$(CLOUDS)" -o "$(OUT)" $(if $(TMC3),--tmc3 "$(TMC3)") $(ARGS)

bench-sparse: setup ## what coding isolated points directly saves, on generated sparse clouds (ARGS="--points 20000")
	$(VENV)/python bench/sparse.py -o "$(OUT)" $(ARGS)

bench-lidar: setup ## spinning scans with and without their sensor, generated and the PLY clouds of a folder (CLOUDS=folder, TMC3=binary for G-PCC)
	$(VENV)/python bench/lidar.py $(CLOUDS) $(if $(TMC3),--tmc3 "$(TMC3)") $(ARGS)

bench-slices: setup ## bytes and time by the number of slices, on the PLY clouds of a folder (CLOUDS=folder, ARGS="--device cuda")
	$(VENV)/python bench/slices.py "$(CLOUDS)" -o "$(OUT)" $(ARGS)

bench-scale: setup ## time and memory of 0.5 to 20 million points, on generated clouds (ARGS="--points 500000")
	$(VENV)/python bench/scale.py -o "$(OUT)" $(ARGS)

bench-parts: setup ## what each part of octree and multiscale is worth, on the PLY clouds of a folder (CLOUDS=folder)
	$(VENV)/python bench/parts.py "$(CLOUDS)" -o "$(OUT)" $(ARGS)

bench-formats: setup-test ## reads the clouds of folders, writes them back, compares every record (FOLDERS="folder ..."; with ARGS=--write, then `make tables`)
	$(VENV)/python bench/formats.py $(FOLDERS) -o "$(OUT)" $(ARGS)

bench-attributes: setup ## bits and time of colours and other integers beside other coders (CLOUDS=folder, ARGS="--write")
	$(VENV)/python -m bench.attributes "$(CLOUDS)" -o "$(OUT)" $(ARGS)

bench-rd: setup ## lossy geometry: rate, D1, D2, time beside G-PCC's trisoup and octree (CLOUDS=folder, TMC3=binary, ARGS="--rounds 5")
	$(VENV)/python bench/rd.py "$(CLOUDS)" -o "$(OUT)" $(if $(TMC3),--tmc3 "$(TMC3)") $(ARGS)

bench-files: setup-test ## whole files beside xz, zstd, LAZ, Draco and G-PCC's rates (FOLDERS="folder ...")
	$(VENV)/python bench/files.py $(FOLDERS) --generated -o "$(OUT)" $(ARGS)

bench-sample: setup-test ## README's first table: the sample and a generated LAS file beside G-PCC, Draco, LAZ and xz (ARGS=--write enters it)
	$(VENV)/python bench/sample.py $(ARGS)

bench-upsample: setup ## how near upsample and restore come to the PLY clouds of a folder (CLOUDS=folder, TMC3=binary for G-PCC)
	$(VENV)/python bench/upsample.py "$(CLOUDS)" -o "$(OUT)" $(if $(TMC3),--tmc3 "$(TMC3)") $(ARGS)

bench-interpolate: setup ## how near interpolated frames come to the true ones: PLY frames NAME_f00.ply, ... of a folder (CLOUDS=folder)
	$(VENV)/python bench/interpolate.py "$(CLOUDS)" -o "$(OUT)" $(ARGS)

bench-batch: setup ## many small clouds in one batch beside a shell loop, on generated clouds (ARGS="--clouds 20")
	$(VENV)/python bench/batch.py -o "$(OUT)" $(ARGS)

bench-sequences: setup ## frames that use the frame before, beside each coded alone (CLOUDS=folder of name_f00.ply, ...)
	$(VENV)/python bench/sequences.py "$(CLOUDS)" -o "$(OUT)" $(ARGS)

bench-gui: setup-test ## the window in figures: start, opening, orbiting, stalls of jobs (needs Xvfb; ARGS="--points 10000000")
	$(ON_SCREEN) $(SCREEN) $(VENV)/python bench/gui.py -o "$(OUT)" $(ARGS)

bench-gui-large: setup-test ## a generated town of 100 million points in the window, LAS and .ovx (needs Xvfb; ARGS="--points 20000000 --depth 12")
	$(ON_SCREEN) $(SCREEN) $(VENV)/python bench/gui_large.py -o "$(OUT)" $(ARGS)

bench-install: setup ## what pip installs: size and time of the core and of extras (EXTRAS="gui open3d", ARGS=--write)
	$(VENV)/python bench/install.py $(EXTRAS) $(ARGS)

docs: setup ## the documentation site, into site/
	@$(PYTHON) scripts/bootstrap.py --docs
	$(VENV)/mkdocs build --strict

exact: setup ## codecs x stages x threads x CPU instructions x devices: no difference (ARGS="--clouds 1000 --write")
	$(VENV)/python -m bench.exact $(ARGS)
	$(VENV)/python -m bench.crash_table

gpu-check: setup ## on a machine with a GPU: CPU and GPU give the same bits, times of both, training (TRAIN=folder of clouds, MINUTES=10)
	$(VENV)/python -m bench.gpu $(if $(TRAIN),--train "$(TRAIN)") --minutes $(MINUTES) $(ARGS)

kills: setup ## kills every kind of job at random moments: old file or new file, nothing else (ARGS="--write")
	$(VENV)/python -m bench.kills $(ARGS)
	$(VENV)/python -m bench.crash_table

level: setup ## 200 encodes and decodes in one process: memory, handles and threads stay level (ARGS="--write")
	$(VENV)/python -m bench.level $(ARGS)
	$(VENV)/python -m bench.crash_table

fuzz: setup ## damaged files of every kind, read for MINUTES=10 (ARGS="--write" keeps the figures in docs/reliability.md)
	$(VENV)/python -m bench.fuzz --minutes $(MINUTES) $(ARGS)

lock: setup ## write constraints.txt anew from pyproject.toml (needs the network)
	@$(VENV)/python scripts/lock.py

clean: ## remove caches, build products and the demo's output
	rm -rf build dist demo site *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and remove .venv too
	rm -rf .venv
