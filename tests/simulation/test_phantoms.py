"""Which phantoms a synthetic trial takes."""

from annotations.imaging.phantom import make_phantom
from petreview.simulation.trial import case_phantom


def test_a_patient_has_tumour_and_a_control_has_none():
    """Seed 21029 draws no lesion: as a patient it would be an eleventh negative control."""
    assert make_phantom(21029).lesions == make_phantom(21029, negative=True).lesions
    assert case_phantom(21029, "small", negative=False).truth.any()
    assert not case_phantom(21029, "small", negative=True).truth.any()
