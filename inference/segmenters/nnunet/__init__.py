"""nnU-Net v2 behind the segmenter protocol."""

from inference.segmenters.nnunet.method import Nnunet

__all__ = ["Nnunet"]
