"""Fixed threshold: every component of SUV > T of a smallest volume is a lesion."""

from inference.segmenters.threshold.method import FixedThreshold

__all__ = ["FixedThreshold"]
