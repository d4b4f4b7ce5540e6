"""Reference data that lives beside the repository and is never copied into it.

Set PETREVIEW_SHARED_DATA, or keep the folder `../shared/data` beside the checkout. Tests that need it
are skipped, and say so, where it is not.
"""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("PETREVIEW_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared(name: str) -> Path:
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"reference data {name!r} is not on this machine ({ROOT} is missing it)")
    return path
