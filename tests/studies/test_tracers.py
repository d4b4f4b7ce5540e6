import pytest

from annotations.dicom.attributes import TracerInfo
from annotations.studies.tracers import tracer_name


def info(text: str, nuclide: str = "", meaning: str = "") -> TracerInfo:
    return TracerInfo(text, nuclide, ("", "", meaning), ("", "", ""), None, "BQML", True)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (info("FDG -- fluorodeoxyglucose", "18F"), "FDG"),
        (info("", "18F", "Fluorodeoxyglucose F^18^"), "FDG"),
        (info("64Cu-DOTATATE", "64Cu"), "[64Cu]Cu-DOTATATE"),
        (info("Cu-64 Dotatate", "64Cu"), "[64Cu]Cu-DOTATATE"),
        (info("Netspot", "68Ga", "Gallium Ga^68^ oxodotreotide"), "[68Ga]Ga-DOTATATE"),
        (info("DOTATOC", ""), "DOTATOC"),
        (info("Something new", "11C"), "Something new"),
        (info(""), ""),
        (None, ""),
    ],
)
def test_a_tracer_has_one_spelling(found, name):
    assert tracer_name(found) == name
