"""How long the analysis of a reader study takes, and how much memory: 51 cases, 4 readers, both arms.

    python -m tests.benchmarks.bench_analysis [--readers 4] [--cases 41] [--controls 10]

Prints seconds for `analyse` (tables, tests, models, specifications) and for `write_report` (SVG, PNG,
CSV, page), and the peak memory of the process. The limits are 10 s and 500 MB for the analysis. The
rows are made from a seed; reading 3,000 events a read belongs to the clock and is measured with exports.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from annotations.statistics.report import analyse, write_report
from tests.statistics.made_study import made_study


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=int, default=41)
    parser.add_argument("--controls", type=int, default=10)
    parser.add_argument("--readers", type=int, default=4)
    chosen = parser.parse_args()
    data = made_study(cases=chosen.cases, controls=chosen.controls, readers=chosen.readers)
    start = time.perf_counter()
    report = analyse(data)
    analysed, memory = time.perf_counter() - start, peak_mb()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        files = write_report(report, Path(folder))
        written = time.perf_counter() - start
    print(
        json.dumps(
            {
                "reads": len(data.reads),
                "analyse_s": round(analysed, 2),
                "peak_after_analyse_mb": round(memory),
                "write_s": round(written, 2),
                "files": len(files),
                "peak_mb": round(peak_mb()),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
