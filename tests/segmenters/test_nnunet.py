"""The nnU-Net segmenter on a real, tiny, untrained network."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

from annotations.imaging.body import NoBody
from inference.segmenters.errors import (
    OutOfMemory,
    ReleaseFolderInvalid,
    SegmentationCancelled,
    WrongChannels,
)
from inference.segmenters.nnunet.method import Nnunet
from inference.segmenters.nnunet.prepare import prepare_case
from inference.segmenters.nnunet.run import name_memory_errors
from inference.segmenters.protocol import SegmentationResult, SegmenterInputs
from tests.segmenters.tiny import PET_GRID, tiny_scan, write_model

Ticks = list[tuple[str, float]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("tiny model"))


def segment(folder: Path, inputs: SegmenterInputs | None = None) -> tuple[SegmentationResult, Ticks]:
    ticks: Ticks = []
    result = Nnunet().segment(
        inputs or tiny_scan(), folder, lambda stage, share: ticks.append((stage, share)), lambda: False
    )
    return result, ticks


def fold_probability(folder: Path, fold: int) -> Any:
    """What nnU-Net's own predictor says for one fold, on the cropped case."""
    scan = tiny_scan()
    case = prepare_case(scan.pet_suv, scan.pet_grid, scan.ct_hu, scan.ct_grid, crop_to_body=True)
    predictor = nnUNetPredictor(use_mirroring=False, device=torch.device("cpu"), allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(str(folder), (fold,))
    _, probability = predictor.predict_single_npy_array(
        case.channels, {"spacing": [5.0, 4.0, 4.0]}, None, None, True
    )
    return case.paste(probability[1])


def test_probabilities_of_the_folds_are_averaged_and_their_spread_kept(model: Path) -> None:
    result, _ = segment(model)
    first, second = fold_probability(model, 0), fold_probability(model, 1)
    assert result.probability is not None
    assert result.fold_spread is not None
    assert np.abs(first - second).max() > 0.01
    assert np.allclose(result.probability, (first + second) / 2, atol=1e-5)
    assert np.allclose(result.fold_spread, np.abs(first - second), atol=1e-5)
    assert result.mask is not None
    assert np.array_equal(result.mask, result.probability > 0.5)
    assert result.folds == ("0", "1")
    assert result.device == ("cuda" if torch.cuda.is_available() else "cpu")


def test_the_result_is_the_same_every_time(model: Path) -> None:
    assert np.array_equal(segment(model)[0].probability, segment(model)[0].probability)


def test_progress_counts_the_tiles_of_both_folds_and_never_falls(model: Path) -> None:
    result, ticks = segment(model)
    shares = [share for _, share in ticks]
    tiles = result.parameters["tiles_per_fold"]
    assert tiles > 4
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert len([stage for stage, _ in ticks if stage == "predicting"]) == 2 * tiles + 1
    assert list(dict(ticks)) == ["loading", "preparing", "predicting", "finishing"]


def test_cancelling_ends_within_a_tile_and_leaves_no_thread(model: Path) -> None:
    ticks: Ticks = []
    before = threading.active_count()
    with pytest.raises(SegmentationCancelled):
        Nnunet().segment(
            tiny_scan(),
            model,
            lambda stage, share: ticks.append((stage, share)),
            lambda: len([stage for stage, _ in ticks if stage == "predicting"]) > 3,
        )
    assert len([stage for stage, _ in ticks if stage == "predicting"]) <= 7
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_cancelling_before_it_starts_reads_no_weights(model: Path) -> None:
    with pytest.raises(SegmentationCancelled):
        Nnunet().segment(tiny_scan(), model, lambda stage, share: None, lambda: True)


def test_the_number_of_torch_threads_is_left_as_it_was(model: Path) -> None:
    before = torch.get_num_threads()
    segment(model)
    assert torch.get_num_threads() == before


def test_a_model_of_pet_and_ct_refuses_a_scan_without_ct(model: Path) -> None:
    scan = tiny_scan()
    with pytest.raises(WrongChannels) as refusal:
        segment(model, SegmenterInputs(scan.pet_suv, scan.pet_grid))
    assert refusal.value.code == "wrong_channels"


def test_an_empty_pet_has_no_body_to_segment(model: Path) -> None:
    scan = tiny_scan()
    empty = SegmenterInputs(np.zeros_like(scan.pet_suv), scan.pet_grid, scan.ct_hu, scan.ct_grid)
    with pytest.raises(NoBody):
        segment(model, empty)


def test_lesions_lie_inside_the_body_and_have_a_volume(model: Path, tmp_path: Path) -> None:
    """An untrained network answers anything: what is left must still keep the rules."""
    result, _ = segment(write_model(tmp_path, minimum_ml=0.5, crop_to_body=False))
    sizes = np.bincount(result.labels.ravel())[1:]
    assert result.labels.dtype == np.uint16
    assert not len(sizes) or sizes.min() * PET_GRID.voxel_volume_ml >= 0.5
    assert not result.labels[:, 0].any()


def test_ct_comes_onto_the_pet_grid_and_is_air_where_it_does_not_reach() -> None:
    scan = tiny_scan()
    assert scan.ct_hu is not None
    short = SegmenterInputs(scan.pet_suv, scan.pet_grid, scan.ct_hu[:20], None)
    grid = type(scan.pet_grid)((20, 60, 100), (2.0, 2.0, 4.0), (-99.0, -59.0, 0.0))
    case = prepare_case(short.pet_suv, short.pet_grid, short.ct_hu, grid, crop_to_body=False)
    ct = case.channels[1]
    assert ct[5, 15, 25] == pytest.approx(40)
    assert (ct[17:] == -1000).all()
    assert np.array_equal(case.channels[0], scan.pet_suv)


def test_the_window_holds_the_body_and_paste_puts_it_back() -> None:
    scan = tiny_scan()
    case = prepare_case(scan.pet_suv, scan.pet_grid, None, None, crop_to_body=True)
    assert case.channels.shape[0] == 1
    assert case.channels[0].size < scan.pet_suv.size
    outside = np.ones(PET_GRID.shape_zyx, dtype=bool)
    outside[case.window] = False
    assert not (case.body & outside).any()
    back = case.paste(case.channels[0])
    assert np.array_equal(back[case.window], scan.pet_suv[case.window])
    assert not back[outside].any()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"channels": [{"name": "PET"}]}, "channels"),
        ({"channels": [{"name": "CT"}, {"name": "PET"}]}, "channels"),
        ({"folds": [0, 7]}, "no weights"),
        ({"folds": []}, "no weights"),
        ({"foreground_label": 3}, "no such label"),
        ({"minimum_ml": "much"}, "number"),
    ],
)
def test_a_release_that_does_not_fit_its_folder_is_refused(
    tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    folder = write_model(tmp_path, **change)
    with pytest.raises(ReleaseFolderInvalid, match=word) as refusal:
        Nnunet().check_folder(folder)
    assert refusal.value.code == "release_folder_invalid"


def test_weights_that_are_no_checkpoint_are_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    (folder / "fold_1" / "checkpoint_final.pth").write_bytes(b"nothing of the kind")
    with pytest.raises(ReleaseFolderInvalid, match="cannot load"):
        segment(folder)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    plans = json.loads((folder / "plans.json").read_text())
    kwargs = plans["configurations"]["3d_small"]["architecture"]["arch_kwargs"]
    kwargs["features_per_stage"] = [6, 8]
    (folder / "plans.json").write_text(json.dumps(plans))
    with pytest.raises(ReleaseFolderInvalid, match="cannot load"):
        segment(folder)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: not enough memory"),
        RuntimeError("CUDA out of memory"),
    ],
)
def test_running_out_of_memory_has_a_name(error: Exception) -> None:
    with pytest.raises(OutOfMemory) as refusal, name_memory_errors():
        raise error
    assert refusal.value.code == "out_of_memory"


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="inf in predicted"), name_memory_errors():
        raise RuntimeError("inf in predicted array")
