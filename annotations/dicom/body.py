"""Body measures that normalise uptake. cm, kg; m, kg where named so.

James 1976 / Morgan 1994 / Janmahasatian 2005 / Du Bois 1916 / ideal body weight as in Sugawara 1999.
Where the sex is neither M nor F, the mean of both formulas is used (no consensus exists) and the caller
warns.
"""


def lbm_james_kg(weight_kg: float, height_cm: float, *, male: bool, male_constant: float = 128.0) -> float:
    """male_constant: 128 (James) or 120 (the misprint that came into use through Morgan)."""
    ratio = (weight_kg / height_cm) ** 2
    return 1.10 * weight_kg - male_constant * ratio if male else 1.07 * weight_kg - 148.0 * ratio


def lbm_janmahasatian_kg(weight_kg: float, height_cm: float, *, male: bool) -> float:
    bmi = weight_kg / (height_cm / 100.0) ** 2
    return 9270.0 * weight_kg / (6680.0 + 216.0 * bmi if male else 8780.0 + 244.0 * bmi)


def ideal_body_weight_kg(height_cm: float, *, male: bool) -> float:
    return 48.0 + 1.06 * (height_cm - 152.0) if male else 45.5 + 0.91 * (height_cm - 152.0)


def body_surface_m2(weight_kg: float, height_cm: float) -> float:
    return 0.007184 * float(height_cm**0.725) * float(weight_kg**0.425)


def _lbm_morgan_kg(weight_kg: float, height_cm: float, *, male: bool) -> float:
    return lbm_james_kg(weight_kg, height_cm, male=male, male_constant=120.0)


def _ibw_kg(weight_kg: float, height_cm: float, *, male: bool) -> float:
    return ideal_body_weight_kg(height_cm, male=male)


# DICOM SUVType (0054,1006) -> mass in kg that stands in place of the weight
BODY_MASS = {
    "LBM": _lbm_morgan_kg,
    "LBMJAMES128": lbm_james_kg,
    "LBMJANMA": lbm_janmahasatian_kg,
    "IBW": _ibw_kg,
}


def body_mass_kg(suv_type: str, weight_kg: float, height_cm: float, sex: str) -> float:
    """sex: "M", "F", or anything else for the mean of both."""
    formula = BODY_MASS[suv_type]
    if sex in ("M", "F"):
        return formula(weight_kg, height_cm, male=sex == "M")
    both = (formula(weight_kg, height_cm, male=male) for male in (True, False))
    return sum(both) / 2.0
