"""A model folder as nnU-Net lays it out, with our release.json beside it."""

from dataclasses import dataclass
from pathlib import Path

from annotations.imaging.components import MINIMUM_LESION_ML
from inference.segmenters.errors import ReleaseFolderInvalid, WrongChannels
from inference.segmenters.options import read_json, read_number
from inference.segmenters.protocol import SegmenterInputs

CHANNELS = ("PET", "CT")
CHECKPOINT = "checkpoint_final.pth"


@dataclass(frozen=True)
class NnunetRelease:
    """channels: names in the network's order. folds: as the folders are called ("0", "1", "all")."""

    folder: Path
    channels: tuple[str, ...]
    folds: tuple[str, ...]
    foreground_label: int
    minimum_ml: float
    crop_to_body: bool
    tile_step: float
    bf16_on_cpu: bool

    @property
    def needs_ct(self) -> bool:
        return "CT" in self.channels

    def require_channels(self, inputs: SegmenterInputs) -> None:
        """Raises WrongChannels."""
        if self.needs_ct and (inputs.ct_hu is None or inputs.ct_grid is None):
            raise WrongChannels(
                "This model needs PET and CT; the study has no CT.", wanted=self.channels, got=("PET",)
            )


def read_release(folder: Path) -> NnunetRelease:
    """Check the folder against its release.json. Raises ReleaseFolderInvalid."""
    options, dataset = read_json(folder / "release.json"), read_json(folder / "dataset.json")
    read_json(folder / "plans.json")
    channels = tuple(str(channel.get("name")) for channel in options.get("channels", []))
    wanted = len(dataset.get("channel_names", {}))
    if channels not in (("PET",), CHANNELS) or len(channels) != wanted:
        raise ReleaseFolderInvalid(
            "release.json must name the channels PET, or PET and CT, as many as dataset.json has.",
            channels=channels,
            dataset_channels=dataset.get("channel_names"),
        )
    folds = tuple(str(fold) for fold in options.get("folds", []))
    missing = [fold for fold in folds if not (folder / f"fold_{fold}" / CHECKPOINT).is_file()]
    if not folds or missing:
        raise ReleaseFolderInvalid(
            "Folds named in release.json have no weights.", folds=folds, missing=missing
        )
    foreground = int(options.get("foreground_label", 1))
    if foreground not in dataset.get("labels", {}).values():
        raise ReleaseFolderInvalid(
            "dataset.json has no such label.", foreground_label=foreground, labels=dataset.get("labels")
        )
    return NnunetRelease(
        folder=folder,
        channels=channels,
        folds=folds,
        foreground_label=foreground,
        minimum_ml=read_number(options, "minimum_ml", MINIMUM_LESION_ML),
        crop_to_body=bool(options.get("crop_to_body", False)),
        tile_step=read_number(options, "tile_step", 0.5),
        bf16_on_cpu=bool(options.get("bf16_on_cpu", False)),
    )
