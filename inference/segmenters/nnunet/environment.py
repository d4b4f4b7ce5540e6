"""What has to be settled before nnU-Net may be imported. Import this module first.

nnU-Net reads its settings from the environment while it is imported; without them it gives torch a
single thread for resampling or wants to compile the network.
"""

import os

import torch

_SETTINGS = {"nnUNet_def_n_proc": "2", "nnUNet_n_proc_DA": "0", "nnUNet_compile": "f"}
_repaired: list[torch.library.Library] = []


def prepare_environment() -> None:
    """Set nnU-Net's process counts (values from outside win) and repair torchvision. Idempotent."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    processes = "nnUNet_def_n_proc"
    os.environ[processes] = str(max(2, int(os.environ[processes])))
    _define_missing_operators()


def _define_missing_operators() -> None:
    """Let torchvision be imported beside a build of torch that its binary part does not fit.

    Such a pair fails on "operator torchvision::nms does not exist", and with it every trainer of
    nnU-Net but the default one. None of the operators is used for segmentation.
    """
    if _repaired or _torchvision_is_whole():
        return
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    library.define(  # type: ignore[no-untyped-call]
        "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    )
    library.define(  # type: ignore[no-untyped-call]
        "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    )
    _repaired.append(library)


def _torchvision_is_whole() -> bool:
    try:
        import torchvision  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        return True
    except RuntimeError as error:
        if "torchvision::nms" in str(error):
            return False
        raise
    return True


prepare_environment()
