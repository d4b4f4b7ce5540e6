"""How many threads the number libraries of this process may use: OpenBLAS, MKL, OpenMP and ITK."""

import os

from threadpoolctl import threadpool_limits

VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)


def limit_threads(count: int) -> None:
    """For this process and those it starts. What the environment says already wins over count (at least 1).

    A library reads its variable when it is loaded: one that is loaded already is told directly.
    """
    if not any(name in os.environ for name in VARIABLES):
        threadpool_limits(count)
    for name in VARIABLES:
        os.environ.setdefault(name, str(count))
