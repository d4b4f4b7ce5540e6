"""Every method there is, by the name it is asked by, and the tool its edit is saved under."""

from collections.abc import Callable, Mapping

from annotations.segmentations.proposals.asked import Asked
from annotations.segmentations.proposals.outcome import Drawn
from annotations.segmentations.proposals.parts import split_watershed
from annotations.segmentations.proposals.reshaping import fill_holes, grow, shrink, smooth
from annotations.segmentations.proposals.scene import Scene
from annotations.segmentations.proposals.seeds import seed_gradient

Method = Callable[[Scene, Asked], Drawn]

METHODS: Mapping[str, Method] = {
    "seed_gradient": seed_gradient,
    "grow": grow,
    "shrink": shrink,
    "smooth": smooth,
    "fill_holes": fill_holes,
    "split_watershed": split_watershed,
}
