"""A synthetic whole-body [64Cu]Cu-DOTATATE PET/CT with known truth: `make_phantom`."""

from annotations.imaging.phantom.model import Phantom, PhantomLesion, make_phantom

__all__ = ["Phantom", "PhantomLesion", "make_phantom"]
