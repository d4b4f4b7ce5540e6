"""Coded concepts: SNOMED CT (SCT), DICOM (DCM), and our own (99PETREVIEW) where the standards have none.

A lesion's place is stored as the key of a site, with the side behind a slash where there are two:
"liver_segment_4", "femur/left".
"""

from dataclasses import dataclass

from annotations.errors import InvalidInput

OWN_SCHEME = "99PETREVIEW"


@dataclass(frozen=True)
class Code:
    """A coded concept: value, scheme, meaning."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Site:
    """A place a lesion can be at. paired: there is a left and a right one."""

    key: str
    group: str
    code: Code
    paired: bool = False


@dataclass(frozen=True)
class FindingClass:
    """What a region is. group: "lesion" | "physiological" | "other". category and code: as a DICOM SEG
    wants them (segmented property category and type).
    """

    key: str
    group: str
    category: Code
    code: Code


MORPHOLOGICALLY_ABNORMAL = Code("49755003", "SCT", "Morphologically Abnormal Structure")
ANATOMICAL_STRUCTURE = Code("91723000", "SCT", "Anatomical Structure")
LESION = Code("52988006", "SCT", "Lesion")

# Algorithm family, CID 7162
ARTIFICIAL_INTELLIGENCE = Code("123110", "DCM", "Artificial Intelligence")
NEIGHBOURHOOD_ANALYSIS = Code("123101", "DCM", "Neighborhood Analysis")

# CID 244
SIDES = {
    "left": Code("7771000", "SCT", "Left"),
    "right": Code("24028007", "SCT", "Right"),
    "bilateral": Code("51440002", "SCT", "Bilateral"),
}

# (key, SNOMED code, meaning, paired)
_SITES: dict[str, tuple[tuple[str, str, str, bool], ...]] = {
    "liver": (
        ("liver", "10200004", "Liver", False),
        ("liver_segment_1", "71133005", "Couinaud hepatic segment I", False),
        ("liver_segment_2", "277956007", "Couinaud hepatic segment II", False),
        ("liver_segment_3", "277957003", "Couinaud hepatic segment III", False),
        ("liver_segment_4", "277958008", "Couinaud hepatic segment IV", False),
        ("liver_segment_5", "277959000", "Couinaud hepatic segment V", False),
        ("liver_segment_6", "277960005", "Couinaud hepatic segment VI", False),
        ("liver_segment_7", "277961009", "Couinaud hepatic segment VII", False),
        ("liver_segment_8", "277962002", "Couinaud hepatic segment VIII", False),
    ),
    "lymph_node": (
        ("node_cervical", "81105003", "Cervical lymph node", True),
        ("node_supraclavicular", "76838003", "Supraclavicular lymph node", True),
        ("node_axillary", "68171009", "Axillary lymph node", True),
        ("node_internal_mammary", "82365008", "Parasternal lymph node", True),
        ("node_mediastinal", "62683002", "Mediastinal lymph node", False),
        ("node_paratracheal", "65690001", "Paratracheal lymph node", True),
        ("node_subcarinal", "28330007", "Subcarinal lymph node", False),
        ("node_hilar", "53074004", "Hilar lymph node", True),
        ("node_celiac", "47985009", "Celiac lymph node", False),
        ("node_hepatic", "61492009", "Hepatic lymph node", False),
        ("node_peripancreatic", "245346008", "Peripancreatic lymph node", False),
        ("node_mesenteric", "279795009", "Lymph node of mesentery", False),
        ("node_para_aortic", "35783009", "Aortic lymph node", False),
        ("node_retroperitoneal", "91394001", "Retroperitoneal lymph node", False),
        ("node_iliac", "84219008", "Iliac lymph node", True),
        ("node_external_iliac", "65349008", "External iliac lymph node", True),
        ("node_internal_iliac", "69255009", "Hypogastric lymph node", True),
        ("node_obturator", "36086000", "Obturator lymph node", True),
        ("node_pelvic", "54268001", "Pelvic lymph node", False),
        ("node_inguinal", "8928004", "Inguinal lymph node", True),
    ),
    "bone": (
        ("skull", "89546000", "Skull", False),
        ("mandible", "91609006", "Mandible", False),
        ("cervical_spine", "122494005", "Cervical spine", False),
        ("thoracic_spine", "122495006", "Thoracic spine", False),
        ("lumbar_spine", "122496007", "Lumbar spine", False),
        ("sacrum", "54735007", "Sacrum", False),
        ("coccyx", "64688005", "Coccyx", False),
        ("sternum", "56873002", "Sternum", False),
        ("rib", "113197003", "Rib", True),
        ("clavicle", "51299004", "Clavicle", True),
        ("scapula", "79601000", "Scapula", True),
        ("humerus", "85050009", "Humerus", True),
        ("upper_limb_bone", "371195002", "Bone of upper limb", True),
        ("pelvis_bone", "118645006", "Pelvis", True),
        ("ilium", "22356005", "Ilium", True),
        ("ischium", "85710004", "Ischium", True),
        ("acetabulum", "37783008", "Acetabulum", True),
        ("femur", "71341001", "Femur", True),
        ("tibia", "12611008", "Tibia", True),
        ("lower_limb_bone", "72001000", "Bone of lower limb", True),
        ("bone_marrow", "14016003", "Bone Marrow", False),
    ),
    "chest": (
        ("lung", "39607008", "Lung", True),
        ("lung_upper_lobe", "45653009", "Upper lobe of lung", True),
        ("lung_middle_lobe", "72481006", "Middle lobe of right lung", False),
        ("lung_lower_lobe", "90572001", "Lower lobe of lung", True),
        ("pleura", "3120008", "Pleura", True),
        ("mediastinum", "72410000", "Mediastinum", False),
        ("heart", "80891009", "Heart", False),
        ("pericardium", "76848001", "Pericardium", False),
        ("breast", "76752008", "Breast", True),
        ("esophagus", "32849002", "Esophagus", False),
    ),
    "abdomen_and_pelvis": (
        ("pancreas", "15776009", "Pancreas", False),
        ("stomach", "69695003", "Stomach", False),
        ("duodenum", "38848004", "Duodenum", False),
        ("small_intestine", "30315005", "Small intestine", False),
        ("appendix", "66754008", "Appendix", False),
        ("large_intestine", "14742008", "Large intestine", False),
        ("rectum", "34402009", "Rectum", False),
        ("peritoneum", "15425007", "Peritoneum", False),
        ("omentum", "27398004", "Omentum", False),
        ("adrenal", "23451007", "Adrenal gland", True),
        ("kidney", "64033007", "Kidney", True),
        ("spleen", "78961009", "Spleen", False),
        ("ovary", "15497006", "Ovary", True),
        ("uterus", "35039007", "Uterus", False),
        ("cervix", "71252005", "Cervix", False),
        ("vagina", "76784001", "Vagina", False),
        ("prostate", "41216001", "Prostate", False),
        ("testis", "40689003", "Testis", True),
    ),
    "head_and_neck": (
        ("brain", "12738006", "Brain", False),
        ("orbit", "363654007", "Orbit", True),
        ("pharynx", "54066008", "Pharynx", False),
        ("larynx", "4596009", "Larynx", False),
        ("thyroid", "69748006", "Thyroid", False),
    ),
    "soft_tissue": (
        ("soft_tissue", "87784001", "Soft tissue", True),
        ("muscle", "71616004", "Muscle", True),
        ("skin", "39937001", "Skin", True),
    ),
}

SITES: dict[str, Site] = {
    key: Site(key, group, Code(value, "SCT", meaning), paired)
    for group, rows in _SITES.items()
    for key, value, meaning, paired in rows
}

# Uptake that belongs there (algorithms: the standardized method removes it).
_PHYSIOLOGICAL = (
    ("kidney", "64033007", "SCT", "Kidney"),
    ("ureter", "87953007", "SCT", "Ureter"),
    ("bladder", "89837001", "SCT", "Bladder"),
    ("spleen", "78961009", "SCT", "Spleen"),
    ("splenule", "splenule", OWN_SCHEME, "Accessory spleen"),
    ("adrenal", "23451007", "SCT", "Adrenal gland"),
    ("pituitary", "56329008", "SCT", "Pituitary"),
    ("thyroid", "69748006", "SCT", "Thyroid"),
    ("salivary_gland", "385294005", "SCT", "Salivary gland"),
    ("stomach", "69695003", "SCT", "Stomach"),
    ("small_intestine", "30315005", "SCT", "Small intestine"),
    ("bowel", "14742008", "SCT", "Large intestine"),
    ("uncinate_process", "uncinate", OWN_SCHEME, "Uncinate process of pancreas"),
    ("liver", "10200004", "SCT", "Liver"),
    ("gallbladder", "28231008", "SCT", "Gallbladder"),
    ("brain", "12738006", "SCT", "Brain"),
    ("heart", "80891009", "SCT", "Heart"),
)
_OTHER = (
    ("injection_site", "injection", OWN_SCHEME, "Injection site or contamination"),
    ("inflammation", "409774005", "SCT", "Inflammation"),
    ("benign_avid", "benign", OWN_SCHEME, "Benign avid finding"),
    ("indeterminate", "indeterminate", OWN_SCHEME, "Indeterminate finding"),
)

CLASSES: dict[str, FindingClass] = {
    "lesion": FindingClass("lesion", "lesion", MORPHOLOGICALLY_ABNORMAL, LESION),
    **{
        key: FindingClass(key, "physiological", ANATOMICAL_STRUCTURE, Code(value, scheme, meaning))
        for key, value, scheme, meaning in _PHYSIOLOGICAL
    },
    **{
        key: FindingClass(key, "other", MORPHOLOGICALLY_ABNORMAL, Code(value, scheme, meaning))
        for key, value, scheme, meaning in _OTHER
    },
}


def parse_site(key: str) -> tuple[Code, Code | None]:
    """ "femur/left" -> (femur, left); "liver" -> (liver, None). Raises InvalidInput."""
    name, slash, side = key.partition("/")
    site = SITES.get(name)
    if site is None or (slash and (side not in SIDES or not site.paired)):
        raise InvalidInput(f"The site {key!r} is not known.", sites=sorted(SITES), sides=sorted(SIDES))
    return site.code, SIDES[side] if slash else None


def finding_class(key: str) -> FindingClass:
    """ "" is a lesion. Raises InvalidInput."""
    found = CLASSES.get(key or "lesion")
    if found is None:
        raise InvalidInput(f"The class {key!r} is not known.", classes=sorted(CLASSES))
    return found
