"""The segmenter inside a process like a prefork worker's: forked, daemonic, torch not yet imported."""

import subprocess
import sys
from pathlib import Path

from tests.segmenters.tiny import write_model

WORKER = """
import multiprocessing, sys
from pathlib import Path

def work(folder, answers):
    from inference.segmenters.table import SEGMENTERS
    from tests.segmenters.tiny import tiny_scan
    result = SEGMENTERS["nnunet"].segment(tiny_scan(), Path(folder), lambda stage, share: None, lambda: False)
    answers.put(float(result.probability.max()))

if __name__ == "__main__":
    assert "torch" not in sys.modules
    import inference.segmenters.table
    assert "torch" not in sys.modules, "importing the table must stay cheap"
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=work, args=(sys.argv[1], answers), daemon=True)
    process.start()
    print(answers.get(timeout=120))
    process.join(30)
    sys.exit(process.exitcode)
"""


def test_a_forked_daemonic_process_can_segment(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(write_model(tmp_path))],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert 0 < float(done.stdout.splitlines()[-1]) <= 1
