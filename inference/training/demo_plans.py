"""nnU-Net's plans and dataset description of the demo model, written by hand.

The defaults that nnU-Net would plan need a GPU. Here a patch holds the body's whole cross-section and
24 cm of its length, so that the network sees where in the body it is: that tells a kidney from a
metastasis. PET keeps its SUV scale (one fixed window for all scans instead of a z-score of each):
the uptake itself is what the tracer is given for.
"""

from typing import Any

DATASET_NAME = "Dataset640_Phantom64Cu"
CONFIGURATION = "3d_small"
DATA_IDENTIFIER = f"nnUNetPlans_{CONFIGURATION}"
SPACING_ZYX_MM = (5.0, 4.07283, 4.07283)
PATCH_ZYX = (48, 64, 128)
FEATURES = (16, 32, 48, 56, 64)
STRIDES = ((1, 1, 1), (2, 2, 2), (2, 2, 2), (2, 2, 2), (2, 2, 2))
ENCODER_CONVS = (1, 2, 2, 2, 1)
DECODER_CONVS = (2, 1, 1, 1)
# Channel windows: (lower, upper, centre, scale); SUV and HU outside are clipped.
WINDOWS = {"0": (0.0, 25.0, 3.0, 4.0), "1": (-950.0, 900.0, 0.0, 250.0)}


def dataset_json(cases: int) -> dict[str, Any]:
    return {
        "channel_names": {"0": "PET SUVbw", "1": "CT"},
        "labels": {"background": 0, "lesion": 1},
        "numTraining": cases,
        "file_ending": ".nii.gz",
        "name": "Synthetic 64Cu-DOTATATE PET/CT phantoms",
        "description": "SYNTHETIC. Made by annotations.imaging.phantom; no patient data.",
        "licence": "Apache-2.0",
    }


def plans() -> dict[str, Any]:
    return {
        "dataset_name": DATASET_NAME,
        "plans_name": "nnUNetPlans",
        "original_median_spacing_after_transp": list(SPACING_ZYX_MM),
        "original_median_shape_after_transp": [200, 64, 120],
        "image_reader_writer": "SimpleITKIO",
        "transpose_forward": [0, 1, 2],
        "transpose_backward": [0, 1, 2],
        "experiment_planner_used": "by hand",
        "label_manager": "LabelManager",
        "foreground_intensity_properties_per_channel": {
            channel: {
                "mean": centre,
                "median": centre,
                "std": scale,
                "min": lower,
                "max": upper,
                "percentile_00_5": lower,
                "percentile_99_5": upper,
            }
            for channel, (lower, upper, centre, scale) in WINDOWS.items()
        },
        "configurations": {CONFIGURATION: _configuration()},
    }


def _configuration() -> dict[str, Any]:
    resampling = {"is_seg": False, "force_separate_z": False, "memefficient_seg_resampling": False}
    return {
        "data_identifier": DATA_IDENTIFIER,
        "preprocessor_name": "DefaultPreprocessor",
        "batch_size": 1,
        "patch_size": list(PATCH_ZYX),
        "median_image_size_in_voxels": [200, 64, 120],
        "spacing": list(SPACING_ZYX_MM),
        "normalization_schemes": ["CTNormalization", "CTNormalization"],
        "use_mask_for_norm": [False, False],
        "resampling_fn_data": "resample_torch_fornnunet",
        "resampling_fn_data_kwargs": resampling,
        "resampling_fn_seg": "resample_torch_fornnunet",
        "resampling_fn_seg_kwargs": {**resampling, "is_seg": True},
        "resampling_fn_probabilities": "resample_torch_fornnunet",
        "resampling_fn_probabilities_kwargs": resampling,
        "batch_dice": False,
        "architecture": _architecture(),
    }


def _architecture() -> dict[str, Any]:
    return {
        "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
        "arch_kwargs": {
            "n_stages": len(FEATURES),
            "features_per_stage": list(FEATURES),
            "conv_op": "torch.nn.modules.conv.Conv3d",
            "kernel_sizes": [[3, 3, 3]] * len(FEATURES),
            "strides": [list(stride) for stride in STRIDES],
            "n_conv_per_stage": list(ENCODER_CONVS),
            "n_conv_per_stage_decoder": list(DECODER_CONVS),
            "conv_bias": True,
            "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
            "norm_op_kwargs": {"eps": 1e-05, "affine": True},
            "dropout_op": None,
            "dropout_op_kwargs": None,
            "nonlin": "torch.nn.LeakyReLU",
            "nonlin_kwargs": {"inplace": True},
        },
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
    }
