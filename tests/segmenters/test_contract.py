"""Every method of the table keeps the same contract."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference.segmenters.errors import ReleaseFolderInvalid, SegmentationCancelled
from inference.segmenters.fingerprint import fingerprint_folder
from inference.segmenters.table import SEGMENTERS
from tests.segmenters.tiny import PET_GRID, tiny_scan, write_model


def threshold_release(folder: Path) -> Path:
    release = {"method": "threshold", "tracers": ["any"], "suv_above": 4.0}
    (folder / "release.json").write_text(json.dumps(release))
    return folder


RELEASES: dict[str, Callable[[Path], Path]] = {"nnunet": write_model, "threshold": threshold_release}


# Methods that tests of other rooms put into the table are not the product's.
METHODS = sorted(n for n, method in SEGMENTERS.items() if type(method).__module__.startswith("inference."))


def test_every_method_is_under_this_contract() -> None:
    assert sorted(RELEASES) == METHODS


@pytest.mark.parametrize("method", METHODS)
def test_a_scan_gives_lesions_on_the_pet_grid_and_progress_to_the_end(method: str, tmp_path: Path) -> None:
    folder = RELEASES[method](tmp_path)
    shares: list[float] = []
    SEGMENTERS[method].check_folder(folder)
    result = SEGMENTERS[method].segment(
        tiny_scan(), folder, lambda stage, share: shares.append(share), lambda: False
    )
    assert result.labels.shape == PET_GRID.shape_zyx
    assert result.labels.dtype == np.uint16
    assert result.device in ("cpu", "cuda")
    assert json.loads(json.dumps(result.parameters)) == result.parameters
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    for share in (result.probability, result.fold_spread):
        assert share is None or (share.dtype == np.float32 and 0 <= share.min() <= share.max() <= 1)


@pytest.mark.parametrize("method", METHODS)
def test_being_told_to_cancel_ends_it(method: str, tmp_path: Path) -> None:
    with pytest.raises(SegmentationCancelled):
        SEGMENTERS[method].segment(
            tiny_scan(), RELEASES[method](tmp_path), lambda stage, share: None, lambda: True
        )


@pytest.mark.parametrize("method", METHODS)
def test_an_empty_folder_is_no_release(method: str, tmp_path: Path) -> None:
    with pytest.raises(ReleaseFolderInvalid):
        SEGMENTERS[method].check_folder(tmp_path)


def test_the_threshold_finds_the_hot_ball(tmp_path: Path) -> None:
    result = SEGMENTERS["threshold"].segment(
        tiny_scan(), threshold_release(tmp_path), lambda stage, share: None, lambda: False
    )
    assert np.array_equal(result.labels > 0, tiny_scan().pet_suv > 4)
    assert result.labels.max() == 1


def test_the_fingerprint_is_of_what_decides_results(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    first = fingerprint_folder(folder)
    (folder / "MODEL_CARD.md").write_text("other words")
    assert fingerprint_folder(folder) == first
    (folder / "release.json").write_text((folder / "release.json").read_text().replace("}", ', "x": 1}', 1))
    second = fingerprint_folder(folder)
    assert second != first
    weights = folder / "fold_0" / "checkpoint_final.pth"
    weights.write_bytes(weights.read_bytes() + b"\0")
    assert fingerprint_folder(folder) not in (first, second)


def test_a_file_that_moves_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.json").write_text("1")
    first = fingerprint_folder(tmp_path)
    (tmp_path / "a" / "x.json").rename(tmp_path / "x.json")
    assert fingerprint_folder(tmp_path) != first


def test_a_folder_with_nothing_in_it_has_no_fingerprint(tmp_path: Path) -> None:
    with pytest.raises(ReleaseFolderInvalid):
        fingerprint_folder(tmp_path)
