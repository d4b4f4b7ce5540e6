"""The nnU-Net segmenter: fold by fold, probabilities averaged, then 0.5.

nnU-Net's own predictor averages the logits of the folds, which is not what the published ensemble did;
so the folds run one after the other here and their probabilities are averaged. Runs inside a worker
process without starting processes of its own.
"""

import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import inference.segmenters.nnunet.environment  # noqa: F401  isort: skip  (before nnU-Net)
import numpy as np
import torch
from nnunetv2.inference.data_iterators import PreprocessAdapterFromNpy
from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape

from annotations.imaging.volume import FloatArray
from inference.segmenters.errors import OutOfMemory, ReleaseFolderInvalid, SegmentationCancelled
from inference.segmenters.nnunet.ensemble import FoldEnsemble
from inference.segmenters.nnunet.predictor import ProgressPredictor
from inference.segmenters.nnunet.prepare import PreparedCase, prepare_case
from inference.segmenters.nnunet.release import CHECKPOINT, NnunetRelease
from inference.segmenters.postprocess import label_probability
from inference.segmenters.protocol import OnProgress, SegmentationResult, SegmenterInputs, ShouldCancel

# Shares of the whole work at which a stage begins; predicting takes nearly all of it.
LOADING_ERRORS = (OSError, EOFError, KeyError, ValueError, RuntimeError, pickle.UnpicklingError)
BEGINS = {"loading": 0.0, "preparing": 0.03, "predicting": 0.10, "finishing": 0.95}


def run_release(
    release: NnunetRelease, inputs: SegmenterInputs, on_progress: OnProgress, should_cancel: ShouldCancel
) -> SegmentationResult:
    """See `Segmenter.segment`."""
    with name_memory_errors():
        return _Run(release, on_progress, should_cancel).run(inputs)


class _Run:
    """One scan: keeps the clock and what is reported."""

    def __init__(self, release: NnunetRelease, on_progress: OnProgress, should_cancel: ShouldCancel) -> None:
        self.release = release
        self.on_progress, self.should_cancel = on_progress, should_cancel
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.timings: dict[str, float] = {}
        self.tiles = 0
        self._fold = 0

    def run(self, inputs: SegmenterInputs) -> SegmentationResult:
        with self._stage("loading"):
            predictor = self._load_predictor()
        with self._stage("preparing"):
            case = self._prepare(inputs)
        with self._stage("predicting"):
            ensemble = self._predict(predictor, case)
        with self._stage("finishing"):
            whole, spread = case.paste(ensemble.mean()), ensemble.disagreement()
            mask, labels = label_probability(whole, case.grid, case.body, self.release.minimum_ml)
        self.on_progress("finishing", 1.0)
        return SegmentationResult(
            labels=labels,
            probability=whole,
            fold_spread=None if spread is None else case.paste(spread),
            device=self.device.type,
            parameters=self._parameters(case),
            mask=mask,
            folds=self.release.folds,
            timings=self.timings,
        )

    @contextmanager
    def _stage(self, stage: str) -> Iterator[None]:
        if self.should_cancel():
            raise SegmentationCancelled("The segmentation was cancelled.")
        self.on_progress(stage, BEGINS[stage])
        began = time.monotonic()
        yield
        self.timings[stage] = round(time.monotonic() - began, 3)

    def _load_predictor(self) -> ProgressPredictor:
        """Network and weights of all folds. Raises ReleaseFolderInvalid.

        nnU-Net unpickles checkpoints, so only folders that an administrator registered come here.
        """
        release = self.release
        predictor = ProgressPredictor(
            self.device, self._on_tile, self.should_cancel, release.bf16_on_cpu, release.tile_step
        )
        try:
            predictor.initialize_from_trained_model_folder(str(release.folder), release.folds, CHECKPOINT)
        except LOADING_ERRORS as error:
            raise ReleaseFolderInvalid(
                "nnU-Net cannot load this model folder.", folder=str(release.folder), reason=str(error)[:300]
            ) from error
        if predictor.label_manager.has_regions:
            raise ReleaseFolderInvalid("Models trained with regions instead of labels are not supported.")
        return predictor

    def _prepare(self, inputs: SegmenterInputs) -> PreparedCase:
        ct, ct_grid = (inputs.ct_hu, inputs.ct_grid) if self.release.needs_ct else (None, None)
        return prepare_case(inputs.pet_suv, inputs.pet_grid, ct, ct_grid, self.release.crop_to_body)

    def _predict(self, predictor: ProgressPredictor, case: PreparedCase) -> FoldEnsemble:
        """The foreground probabilities of the folds in the window."""
        spacing = [float(value) for value in reversed(case.grid.spacing_xyz_mm)]
        adapter = PreprocessAdapterFromNpy(
            [case.channels],
            [None],
            [{"spacing": spacing}],
            [None],
            predictor.plans_manager,
            predictor.dataset_json,
            predictor.configuration_manager,
            num_threads_in_multithreaded=1,
            verbose=False,
        )
        ready = next(adapter)
        ensemble = FoldEnsemble()
        for self._fold, parameters in enumerate(predictor.list_of_parameters):
            predictor.list_of_parameters = [parameters]
            ensemble.add(self._predict_fold(predictor, ready))
        return ensemble

    def _predict_fold(self, predictor: ProgressPredictor, ready: dict[str, Any]) -> FloatArray:
        threads = torch.get_num_threads()
        try:
            logits = predictor.predict_logits_from_preprocessed_data(ready["data"]).float()
            _, probabilities = convert_predicted_logits_to_segmentation_with_correct_shape(
                logits,
                predictor.plans_manager,
                predictor.configuration_manager,
                predictor.label_manager,
                dict(ready["data_properties"]),
                return_probabilities=True,
            )
        finally:
            torch.set_num_threads(threads)
        foreground = probabilities[self.release.foreground_label]
        return np.ascontiguousarray(foreground, dtype=np.float32)

    def _on_tile(self, done: int, total: int) -> None:
        folds = len(self.release.folds)
        self.tiles = total
        share = (self._fold + done / total) / folds
        width = BEGINS["finishing"] - BEGINS["predicting"]
        self.on_progress("predicting", BEGINS["predicting"] + width * share)

    def _parameters(self, case: PreparedCase) -> dict[str, Any]:
        return {
            "channels": list(self.release.channels),
            "folds": list(self.release.folds),
            "window_zyx": [[part.start or 0, part.stop] for part in case.window],
            "tiles_per_fold": self.tiles,
            "tile_step": self.release.tile_step,
            "bf16": self.release.bf16_on_cpu,
            "threshold": 0.5,
            "minimum_ml": self.release.minimum_ml,
            "ensemble": "mean of fold probabilities",
            "disagreement": "range of fold probabilities" if len(self.release.folds) > 1 else None,
        }


@contextmanager
def name_memory_errors() -> Iterator[None]:
    """Turn the ways in which memory runs out into OutOfMemory."""
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise OutOfMemory("There is not enough memory for this scan and model.", reason=str(error)) from error
    except RuntimeError as error:
        if "not enough memory" not in str(error) and "out of memory" not in str(error):
            raise
        raise OutOfMemory("There is not enough memory for this scan and model.", reason=str(error)) from error
