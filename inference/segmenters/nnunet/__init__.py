"""nnU-Net v2 behind the segmenter protocol."""
