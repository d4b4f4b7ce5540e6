"""Export and analysis of a full reader study: 51 cases x 4 readers x 3,000 events a read (612,000 events).

    python -m tests.benchmarks.bench_export [--cases 51] [--readers 4] [--events 3000] [--keep FOLDER]

A database of its own is generated (phantom grids of 168 x 168 x 220 voxels with random boxes as lesions);
targets: tables in all formats under 30 s, the data of an analysis under 10 s, each under 500 MB.
Each is measured in a process of its own: wall time, processor time (of the whole process, its start
included) and largest resident memory.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FORMATS = ("csv", "xlsx", "json", "parquet")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=51)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--events", type=int, default=3000)
    parser.add_argument("--keep", type=Path, help="a folder for the database, used again when it is there")
    parser.add_argument("--step", choices=["make", *STEPS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        run_step(options)
        return
    with tempfile.TemporaryDirectory() as temporary:
        home = (options.keep or Path(temporary)).resolve()
        home.mkdir(parents=True, exist_ok=True)
        steps = list(STEPS) if (home / "made").exists() else ["make", *STEPS]
        for step in steps:
            spend(step, home, options)


def spend(step: str, home: Path, options: argparse.Namespace) -> None:
    numbers = [
        "--cases",
        str(options.cases),
        "--readers",
        str(options.readers),
        "--events",
        str(options.events),
    ]
    environment = os.environ | {
        "PETREVIEW_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "petreview.settings",
        "PETREVIEW_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "tests.benchmarks.bench_export", "--step", step, *numbers]
    subprocess.run(command, check=True, env=environment)


def run_step(options: argparse.Namespace) -> None:
    import django

    django.setup()
    began = time.perf_counter()
    note = make(options) if options.step == "make" else STEPS[options.step]()
    seconds = time.perf_counter() - began
    cpu = time.process_time()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "step": options.step,
                "seconds": round(seconds, 2),
                "cpu_s": round(cpu, 2),
                "mb": round(megabytes),
                **note,
            }
        ),
        flush=True,
    )


def tables(*formats: str):
    def step() -> dict[str, int]:
        from annotations.exports.package import build_package
        from annotations.exports.wish import Wish
        from annotations.models import ReaderStudy

        with tempfile.TemporaryDirectory() as folder:
            names = build_package(ReaderStudy.objects.get(), Path(folder), Wish(("tables",), formats))
            size = sum((Path(folder) / name).stat().st_size for name in names)
        return {"files": len(names), "bytes": size}

    return step


def packed(*parts: str):
    """What the page offers: these parts, tables in every format, packed into one file."""

    def step() -> dict[str, int]:
        from annotations.exports.archive import zip_folder
        from annotations.exports.package import build_package
        from annotations.exports.wish import Wish
        from annotations.models import ReaderStudy

        with tempfile.TemporaryDirectory() as temporary:
            folder, archive = Path(temporary) / "files", Path(temporary) / "packed.zip"
            folder.mkdir()
            names = build_package(ReaderStudy.objects.get(), folder, Wish(parts, FORMATS))
            zip_folder(folder, names, archive)
            return {"files": len(names), "bytes": archive.stat().st_size}

    return step


def analysis_rows() -> dict[str, int]:
    from annotations.exports.analysis_data import analysis_data
    from annotations.exports.study_data import study_data
    from annotations.models import ReaderStudy

    data = analysis_data(study_data(ReaderStudy.objects.get()))
    return {"reads": len(data.reads), "metrics": len(data.metrics)}


def whole_analysis() -> dict[str, int]:
    from annotations.exports.analysis_data import analysis_data
    from annotations.exports.study_data import study_data
    from annotations.models import ReaderStudy
    from annotations.statistics.report import analyse

    report = analyse(analysis_data(study_data(ReaderStudy.objects.get())))
    return {"bytes": len(json.dumps(report.to_json()))}


STEPS = {
    "csv": tables("csv"),
    "tables in all formats": tables(*FORMATS),
    "tables in all formats, packed": packed("tables"),
    "forms, packed": packed("forms"),
    "versions, packed": packed("versions"),
    "data set, packed": packed("dataset"),
    "analysis rows, first time": analysis_rows,
    "analysis rows": analysis_rows,
    "whole analysis": whole_analysis,
}


def make(options: argparse.Namespace) -> dict[str, int]:
    """Rows as a real study leaves them, by the hand-made study's own builders."""
    from django.conf import settings
    from django.core.management import call_command

    from tests.benchmarks.full_study import make_full_study

    call_command("migrate", verbosity=0)
    counts = make_full_study(options.cases, options.readers, options.events)
    (Path(settings.HOME) / "made").touch()
    return counts


if __name__ == "__main__":
    main()
