"""Every method there is, by the name that a release gives. A new one is a folder and a line here."""

from inference.segmenters.nnunet.method import Nnunet
from inference.segmenters.protocol import Segmenter
from inference.segmenters.threshold.method import FixedThreshold

SEGMENTERS: dict[str, Segmenter] = {"nnunet": Nnunet(), "threshold": FixedThreshold()}
