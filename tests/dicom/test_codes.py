"""Codes are real ones."""

import pytest
from pydicom.sr import _concepts_dict as dictionary

from annotations.dicom.codes import CLASSES, OWN_SCHEME, SIDES, SITES, Code, finding_class, parse_site
from annotations.errors import InvalidInput

KNOWN: dict[tuple[str, str], str] = {}
for scheme in ("SCT", "DCM"):
    for row in dictionary.concepts[scheme].values():
        for value, (meaning, _) in row.items():
            KNOWN[scheme, value] = KNOWN.get((scheme, value), "") + "|" + meaning.lower()
USED = [site.code for site in SITES.values()] + [c.code for c in CLASSES.values()] + list(SIDES.values())


@pytest.mark.parametrize("code", USED, ids=lambda code: code.meaning)
def test_a_standard_code_is_in_the_dictionary_with_this_meaning(code: Code) -> None:
    if code.scheme == OWN_SCHEME:
        return
    meanings = KNOWN[code.scheme, code.value].replace("peritioneum", "peritoneum")  # misspelt there
    assert code.meaning.lower() in meanings


def test_no_code_is_used_for_two_sites() -> None:
    assert len({site.code.value for site in SITES.values()}) == len(SITES)


def test_sites_have_a_side_where_there_are_two() -> None:
    assert parse_site("femur/left") == (SITES["femur"].code, SIDES["left"])
    assert parse_site("liver_segment_7")[0].meaning == "Couinaud hepatic segment VII"
    for wrong in ("liver/left", "femur/up", "knee", "", "femur/"):
        with pytest.raises(InvalidInput):
            parse_site(wrong)


def test_every_class_of_physiological_uptake_is_there() -> None:
    physiological = {key for key, found in CLASSES.items() if found.group == "physiological"}
    assert {
        *("kidney", "ureter", "bladder", "spleen", "splenule", "adrenal", "pituitary", "thyroid"),
        *("salivary_gland", "stomach", "bowel", "uncinate_process", "liver", "gallbladder"),
    } <= physiological
    assert finding_class("").key == "lesion"
    with pytest.raises(InvalidInput):
        finding_class("nonsense")


def test_keys_fit_into_the_database() -> None:
    assert max(len(f"{key}/bilateral") for key in SITES) <= 60
    assert max(len(key) for key in CLASSES) <= 40
