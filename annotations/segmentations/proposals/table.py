"""Every method there is, by the name it is asked by, and the tool its edit is saved under."""

from collections.abc import Callable, Mapping

from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals.outcome import Drawn
from annotations.segmentations.proposals.parts import cut, split_watershed
from annotations.segmentations.proposals.physiological import physiological
from annotations.segmentations.proposals.reshaping import fill_holes, grow, shrink, smooth
from annotations.segmentations.proposals.scene import Scene
from annotations.segmentations.proposals.seeds import seed_background, seed_flab, seed_gradient
from annotations.segmentations.proposals.voi import voi_flab, voi_threshold
from annotations.segmentations.proposals.whole_body import whole_body

Method = Callable[[Scene, Asked], Drawn]

METHODS: Mapping[str, Method] = {
    "seed_background": seed_background,
    "seed_gradient": seed_gradient,
    "seed_flab": seed_flab,
    "voi_flab": voi_flab,
    "voi_threshold": voi_threshold,
    "grow": grow,
    "shrink": shrink,
    "smooth": smooth,
    "fill_holes": fill_holes,
    "split_watershed": split_watershed,
    "cut": cut,
    "physiological": physiological,
    "whole_body": whole_body,
}
