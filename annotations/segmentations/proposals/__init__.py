"""Methods that the server computes for the reading room: proposals, never stored.

    parameters -> ../asked.py (each one checked by name) -> a method of table.py -> Drawn -> patch

A proposal is computed on a stored version. The reader sees it as a preview; accepted, it comes back as
an ordinary edit with the tool and the parameters given here. The same question gives the same octets.
A method works on a box round its lesion or VOI; what it may do at the border of another lesion is said
once, in borders.py. Voxels come from the byte caches of the store (voxels.py), which are keyed by digest
and bounded: nothing here keeps any.
"""

from annotations.segmentations.asked import Asked, BadParameter
from annotations.segmentations.proposals.outcome import NothingChanges, NothingFound, Proposal
from annotations.segmentations.proposals.propose import UnknownMethod, propose
from annotations.segmentations.proposals.scene import NoSuchLesion, RegionTooLarge, Scene
from annotations.segmentations.proposals.table import METHODS
from annotations.segmentations.rois import NoSuv

__all__ = [
    "METHODS",
    "Asked",
    "BadParameter",
    "NoSuchLesion",
    "NoSuv",
    "NothingChanges",
    "NothingFound",
    "Proposal",
    "RegionTooLarge",
    "Scene",
    "UnknownMethod",
    "propose",
]
