"""Technical words that may stay in free text. What is not among them may be a name, and goes."""

import re
from collections.abc import Collection

_SCANNING = """
pet ct mr mri pt nm spect fused fusion whole body wholebody wb wholebodypet torso trunk eyes to thigh
skull base vertex toe head neck chest thorax abdomen pelvis liver spleen lung lungs brain heart
cardiac bone bones spine breast prostate kidney kidneys leg legs arm arms extremity extremities
oncology onco tumor tumour neuroendocrine net sarcoma lymphoma melanoma
ac nac mac ctac attn attenuation corrected uncorrected correction non no without with and or the of on in
for from by as at is all not scan images image series study axial coronal sagittal transverse transaxial
oblique ax cor sag tra recon reconstruction reconstructed std standard soft tissue low dose ld full
diagnostic contrast ce iv enhanced native plain arterial venous portal delayed late early dynamic static
gated gating ungated respiratory free breathing breath hold rest stress list mode frame frames bed beds
step shoot flow continuous motion tof psf osem vpfx vpfxs vuepoint qclear q clear trueX truex ultrahd
mlem fbp dlem bsrem 3d 2d 4d iter iteration iterations subset subsets it i s fore ror ramla blob
iterative filtered back projection gauss gaussian gauss4 hann hamming butterworth allpass filter filters
postfilter smooth smoothed sharp suv suvbw bw bqml qc synthetic phantom test nema iq cylinder
mip thick thin slice slices slab min max mean average avg sum summed crop cropped resampled registered
aligned segmentation segmentations segment segments rtstruct rtss struct structure set seg label mask
masks lesion lesions region regions contour contours roi rois gtv ctv ptv mass edema oedema itv oar
primary metastasis metastases node nodes nodal lymph left right upper lower anterior posterior lateral
medial bilateral total volume tumor manual automatic semiautomatic semi auto ai threshold fixed percent
research use only unverified automatic final version result results model nnunet unet flab research-use
phase view scout topogram localizer monitoring helical spiral kv kvp ma mas ref measured calculated
model-based none simulated painted blurred noise added calibration source transmission germanium
convolution scatter randoms random delayed singles dead time decay detector normalization
intravenous route injection bolus oral inhalation imported drawn hand reader expert consensus
position dimension index plane temporal stack orientation instance number acquisition trigger row column
referenced tile organ tracking recumbent headfirst feetfirst supine prone decubitus based subtraction dual
energy time
"""
_TRACERS = """
fdg fluorodeoxyglucose fludeoxyglucose deoxyglucose fluoro fluorine solution f18 18f f 18 cu64 64cu cu
copper ga68 68ga ga gallium c11 11c c carbon n13 13n ammonia o15 15o water oxygen rb82 82rb rubidium zr89
89zr zr zirconium i124 124i iodine y90 90y y86 86y yttrium cu61 61cu tc99m dota dotatate dotatoc dotanoc
oxodotreotide edotreotide octreotate octreotide psma psma11 psma617 psma1007 dcfpyl piflufolastat
pentixafor fapi fapi46 fapi04 choline fluorocholine fch acetate methionine met fet fluoroethyltyrosine
flt fluorothymidine fdopa dopa fluorodopa naf sodium fluoride fes estradiol fmiso misonidazole florbetapir
florbetaben flutemetamol flortaucipir tau amyloid fluciclovine axumin netspot detectnet locametz illuccix
glucose choride chloride exendin sarcophagine sartate
"""
_MAKERS = """
ge medical systems healthcare siemens healthineers cps philips toshiba canon uih united imaging shanghai
co ltd inc gmbh corp corporation ag mediso hitachi shimadzu fujifilm varian elekta raysearch
laboratories mim software hermes nmg brainlab accuray brainlab petreview tcia quantitative informatics
qiicr dcmqi highdicom slicer plastimatch itk vtk syngo velocity
biograph mct vision horizon truepoint quadra hirez duo emotion sensation definition edge somatom discovery
advance optima lightspeed omni legend signa ste st rx dst dste dls iq mi gemini ingenuity vereos astonish
allegro guardian tf gxl celesteion celestion cartesion aquilion umi ui upmr umr explorer anyscan mpct
ecat exact hr hr+ accel
"""
_CODES = """
original derived secondary localizer reformatted mixed sampled volume emission transmission
bqml gml cm2ml cnts nprx prop nonein pct cps mlml umolml mlming kbqml lbm bsa ibw lbmjames128 lbmjanma start
admin decy attn scat dtim ran rand norm rads dcal pcal gmot pmot cmot sensi img reprojection
monochrome1 monochrome2 rgb hfs ffs hfp ffp hfdr hfdl ffdr ffdl product research service yes no unknown
identity inverse linear linear_exact sigmoid hu us od ctsoft m fractional binary labelmap probability
occupancy coord planar closed closedplanar_xor xor open closed_planar point open_planar open_nonplanar
external organ avoidance bolus cavity contrast_agent irrad_volume treated_volume reg_dlsg control support
marker isocenter fixation dose_region undefined approved unapproved rejected physics iso_15444_1
iso_14495_1 iso_10918_1 iso 15444 14495 10918 l r u b fixation manual auto tiled_full tiled_sparse 3d_temporal
dlyd sing nacmac cort fan pole radial para astr head ecg realtime prospective retrospective wholebody
lesions ctac fov hispeed axial_direct ct_som5 ct_som7 spi prot pos_ph ps_bq subtraction velocity
extended body_part dynamic gated other mpr min_ip max_ip m_ip vr thorax hdneck headneck chestabdpelvis
radl slsens ring manu auto cw cc ccw multiplication rotating fixed_position stationary
"""

WORDS = frozenset(f"{_SCANNING} {_TRACERS} {_MAKERS}".casefold().split())
CODE_WORDS = WORDS | frozenset(_CODES.casefold().split())
# Up to three digits, alone or with a unit: "3.0", "120kv", "5mm". Longer numbers may be dates or IDs.
_NUMBER = re.compile(r"\d{1,3}(mm|cm|ml|s|sec|min|d|kv|kvp|h|hr|ma|mas|it|i|p|iter|subsets|bed|beds)?")
_KERNEL = re.compile(r"[A-Z]{1,2}[a-z]{0,2}\d{1,2}[a-z]{0,2}")
_APART = re.compile(r"[\W_]+")

SYNTHETIC_MARK = "SYNTHETIC PHANTOM"


def tokens(text: str) -> list[str]:
    return [token for token in _APART.split(text) if token]


def clean_text(text: str, forbidden: Collection[str] = ()) -> str:
    """The text when every word may stay, else the words that may, in order. forbidden: casefolded words
    that must go though they are technical ones (the patient is called Brain).
    """
    found = tokens(text)
    kept = [token for token in found if _may_stay(token, forbidden)]
    return text.strip() if len(kept) == len(found) else " ".join(kept)


def is_known_code(text: str, forbidden: Collection[str] = ()) -> bool:
    """True for a code that is known as a whole, or made of technical words and short numbers."""
    if text.casefold() in CODE_WORDS:
        return text.casefold() not in forbidden
    return all(
        token.casefold() not in forbidden
        and (token.casefold() in CODE_WORDS or _NUMBER.fullmatch(token.casefold()))
        for token in tokens(text)
    )


def clean_kernel(text: str) -> str | None:
    """A reconstruction kernel such as "B30f" or "STANDARD"; None for anything else."""
    known = all(_KERNEL.fullmatch(token) or _may_stay(token, ()) for token in tokens(text))
    return text.strip() if known and len(text) <= 16 else None


def _may_stay(token: str, forbidden: Collection[str]) -> bool:
    word = token.casefold()
    return word not in forbidden and (word in WORDS or _NUMBER.fullmatch(word) is not None)
