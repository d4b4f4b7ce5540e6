"""The bound holds for libraries loaded before it was set, and in forked children; the environment wins."""

import os
import subprocess
import sys

import pytest

from petreview.threads import VARIABLES

CODE = """
import os, sys, numpy, scipy.linalg
from threadpoolctl import threadpool_info
from petreview.threads import limit_threads
limit_threads({count})
if os.fork() == 0:
    print(max(one["num_threads"] for one in threadpool_info()), os.environ["OPENBLAS_NUM_THREADS"])
    sys.stdout.flush(); os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(
    ("said", "count", "expected"), [({}, 1, "1 1"), ({}, 3, "3 3"), ({"OPENBLAS_NUM_THREADS": "1"}, 2, "1 1")]
)
def test_a_forked_child_has_as_many_threads_as_were_asked_for(said, count, expected):
    plain = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(count=count)],
        env=plain | said,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == expected
