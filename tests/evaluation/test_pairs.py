import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from annotations.imaging.geometry import Grid, GridMismatch
from annotations.imaging.volume import BoolArray
from inference.evaluation.masks import Mask, NotAMask, UnreadableMask, on_one_grid, read_mask
from inference.evaluation.pairs import evaluate_folders, evaluate_pair
from tests.evaluation.scenes import BOX, LINE, ROTATED, boxes, line, save_nifti, save_seg


def figures(truth: BoolArray, prediction: BoolArray, grid: Grid = LINE, connectivity: int = 26):
    return evaluate_pair("one", Mask(grid, truth), Mask(grid, prediction), connectivity=connectivity)


def test_a_merge_and_a_split_are_counted_both_ways():
    merged = figures(line("##.##.#"), line("#####"))
    assert (merged.figures.n_true, merged.figures.n_predicted) == (3, 1)
    assert (merged.merges.n_found, merged.merges.n_hits) == (2, 1)
    assert merged.figures.lesion_sensitivity == pytest.approx(2 / 3)
    assert merged.figures.lesion_precision == 1.0
    assert merged.figures.lesion_dice == pytest.approx(4 / 5)
    assert merged.merges.lesion_dice_by_prediction == pytest.approx(2 / 3)
    split = figures(line("#####"), line("##.##.#"))
    assert (split.merges.n_found, split.merges.n_hits) == (1, 2)
    assert split.figures.lesion_dice == pytest.approx(2 / 3)
    assert split.figures.false_positive_volume_ml == 1.0
    assert split.figures.false_negative_volume_ml == 0.0


@pytest.mark.parametrize(
    ("truth", "prediction", "expected"),
    [
        ("", "", (None, None, None)),
        ("", "##", (0.0, 0.0, None)),
        ("##", "", (0.0, None, 0.0)),
        ("##", "..##", (0.0, 0.0, 0.0)),
    ],
)
def test_empty_and_apart(truth, prediction, expected):
    one = figures(line(truth), line(prediction)).figures
    assert (one.dice, one.precision, one.sensitivity) == expected
    if truth == prediction:
        assert (one.lesion_dice, one.lesion_precision, one.lesion_sensitivity) == expected


@pytest.mark.parametrize(("connectivity", "count"), [(6, 3), (18, 2), (26, 1)])
def test_connectivity_decides_what_one_lesion_is(connectivity, count):
    mask = np.zeros(BOX.shape_zyx, np.bool_)
    mask[1, 1, 1] = mask[1, 2, 2] = mask[2, 3, 3] = True  # an edge, then a corner
    assert figures(mask, mask, BOX, connectivity).figures.n_true == count


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("grid", [BOX, ROTATED], ids=["anisotropic", "rotated"])
def test_without_merges_other_libraries_give_the_same_figures(grid, seed):
    """Voxels: SimpleITK's overlap measures. Lesions: SciPy's labels, paired one to one by overlap."""
    truth, prediction = blobs(grid, seed), blobs(grid, seed, shift=True)
    one = figures(truth, prediction, grid, 6).figures
    measures = sitk.LabelOverlapMeasuresImageFilter()
    measures.Execute(*(sitk.GetImageFromArray(m.astype(np.uint8)) for m in (prediction, truth)))
    assert one.dice == pytest.approx(measures.GetDiceCoefficient(), rel=1e-12)
    assert one.sensitivity == pytest.approx(1 - measures.GetFalseNegativeError(), rel=1e-12)
    assert one.precision == pytest.approx(1 - measures.GetFalseDiscoveryRate(), rel=1e-12)
    true_labels, n_true = ndimage.label(truth)
    labels, n_predicted = ndimage.label(prediction)
    pairs = {(a, b) for a, b in zip(true_labels.ravel(), labels.ravel(), strict=True) if a and b}
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs), "no merges here"
    assert (one.n_true, one.n_predicted) == (n_true, n_predicted)
    assert one.lesion_sensitivity == pytest.approx(len(pairs) / n_true)
    assert one.lesion_precision == pytest.approx(len(pairs) / n_predicted)
    assert one.lesion_dice == pytest.approx(2 * len(pairs) / (n_true + n_predicted))
    sizes = ndimage.sum_labels(prediction, labels, range(1, n_predicted + 1))
    missed = sizes.sum() - sum(sizes[b - 1] for _, b in pairs)
    ml = np.prod(grid.spacing_xyz_mm) / 1000
    assert one.false_positive_volume_ml == pytest.approx(missed * ml)


def blobs(grid: Grid, seed: int, shift: bool = False) -> BoolArray:
    """At most one cube in each 4 x 4 x 4 cell, so that nothing merges; shifted by a voxel at times."""
    random, other = np.random.default_rng(seed), np.random.default_rng(seed + 100)
    mask = np.zeros(grid.shape_zyx, np.bool_)
    cells = [(z, y, x) for z in range(0, 5, 4) for y in range(0, 7, 4) for x in range(0, 9, 4)]
    for z, y, x in cells:
        there, edge = random.random() < 0.7, int(random.integers(1, 3))
        if shift:
            there, z, y = other.random() < (0.8 if there else 0.3), z + int(other.integers(0, 2)), y
        if there:
            mask[z : z + edge, y : y + edge, x : x + edge] = True
    return mask


def test_nifti_in_any_orientation_gives_volumes_in_ml(tmp_path):
    mask = boxes(ROTATED, (2, 3, 4, 3))
    read = read_mask(save_nifti(tmp_path, "a", mask, ROTATED))
    assert read.grid.matches(ROTATED, 0.01)
    assert np.array_equal(read.voxels, mask)
    one = evaluate_pair("a", read, read).figures
    assert one.true_volume_ml == pytest.approx(27 * 3.0 * 2.0 * 5.0 / 1000, rel=1e-6)


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
@pytest.mark.parametrize("grid", [BOX, ROTATED], ids=["anisotropic", "rotated"])
def test_a_seg_that_leaves_out_empty_planes_meets_nifti_and_seg(tmp_path, grid, kind):
    truth, prediction = boxes(grid, (1, 2, 3, 2), (6, 8, 9, 1)), boxes(grid, (2, 2, 3, 3))
    common = np.count_nonzero(truth & prediction)
    dice = 2 * common / (np.count_nonzero(truth) + np.count_nonzero(prediction))
    nifti = read_mask(save_nifti(tmp_path, "t", truth, grid))
    true_seg = read_mask(save_seg(tmp_path, "ts", truth, grid, kind))
    seg = read_mask(save_seg(tmp_path, "p", prediction, grid, kind))
    assert seg.grid.shape_zyx[0] <= grid.shape_zyx[0]
    for first, second in ((nifti, seg), (true_seg, seg)):
        there = evaluate_pair("x", first, second).figures
        back = evaluate_pair("x", second, first).figures
        assert there.dice == back.dice == pytest.approx(dice)
        assert (there.n_true, there.n_predicted) == (2, 1)
        assert there.true_volume_ml == pytest.approx(9 * grid.voxel_volume_ml)
        assert (there.precision, there.sensitivity) == (back.sensitivity, back.precision)


def test_segs_far_apart_share_a_grid_that_holds_both(tmp_path):
    low = read_mask(save_seg(tmp_path, "low", boxes(BOX, (0, 0, 0, 2)), BOX))
    high = read_mask(save_seg(tmp_path, "high", boxes(BOX, (7, 1, 1, 2)), BOX))
    grid, first, second = on_one_grid(low, high)
    assert grid.shape_zyx[0] == 9
    assert np.array_equal(first, boxes(BOX, (0, 0, 0, 2)))
    assert np.array_equal(second, boxes(BOX, (7, 1, 1, 2)))


def test_other_grids_are_never_compared(tmp_path):
    mask = boxes(BOX, (1, 1, 1, 2))
    moved = Grid(BOX.shape_zyx, BOX.spacing_xyz_mm, (-9.0, 5.0, 30.0))
    finer = Grid(BOX.shape_zyx, (2.0, 3.0, 3.9), BOX.origin_xyz_mm)
    here = read_mask(save_nifti(tmp_path, "a", mask, BOX))
    for other in (moved, finer):
        with pytest.raises(GridMismatch):
            on_one_grid(here, read_mask(save_nifti(tmp_path, "b", mask, other)))
    with pytest.raises(GridMismatch):
        on_one_grid(here, read_mask(save_seg(tmp_path, "c", mask, moved)))
    outside = Grid(BOX.shape_zyx, BOX.spacing_xyz_mm, (-10.0, 5.0, 50.0))
    with pytest.raises(GridMismatch):
        on_one_grid(here, read_mask(save_seg(tmp_path, "d", boxes(BOX, (7, 1, 1, 2)), outside)))


def test_probabilities_and_noise_are_no_masks(tmp_path):
    image = sitk.GetImageFromArray(np.full((4, 4, 4), 0.5, np.float32))
    sitk.WriteImage(image, str(tmp_path / "p.nii.gz"))
    with pytest.raises(NotAMask):
        read_mask(tmp_path / "p.nii.gz")
    (tmp_path / "n.nii.gz").write_bytes(b"no image")
    with pytest.raises(UnreadableMask):
        read_mask(tmp_path / "n.nii.gz")


def test_one_bad_pair_is_a_failure_and_the_rest_goes_on(tmp_path):
    truth, prediction = tmp_path / "truth", tmp_path / "prediction"
    for folder in (truth, prediction):
        save_nifti(folder, "good", line("##.#"), LINE)
    save_nifti(truth, "alone", line("##"), LINE)
    save_nifti(truth, "broken", line("##"), LINE)
    (prediction / "broken.nii.gz").write_bytes(b"\x1f\x8b broken")
    save_nifti(truth, "shape", line("##"), LINE)
    save_nifti(prediction, "shape", boxes(BOX, (1, 1, 1, 2)), BOX)
    save_nifti(truth, "twice", line("##"), LINE)
    save_nifti(prediction, "twice", line("##"), LINE)
    (prediction / "twice.nii").write_bytes(b"")
    (prediction / "dataset.json").write_text("{}")
    seen = []
    result = evaluate_folders(truth, prediction, on_case=lambda *told: seen.append(told))
    assert [case.figures.name for case in result.cases] == ["good"]
    assert {one.name: one.code for one in result.failures} == {
        "alone": "missing_file",
        "broken": "unreadable_mask",
        "shape": "grid_mismatch",
        "twice": "ambiguous_name",
    }
    assert seen[-1] == (5, 5, "twice")
