import json
from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from annotations.imaging.flab import FlabFailed, FlabSettings, k_means, segment_flab
from annotations.imaging.geometry import GridMismatch

from .cases import ball, grid

SPACING, FWHM, FINE = 2.0, 6.0, 4


@cache
def sphere(diameter_mm, contrast, noise, seed, margin_mm=14.0):
    """Synthetic: a sphere at a random place between voxels, blurred to 6 mm, noise growing with the
    root of the signal; 2 mm voxels, background 1, `margin_mm` round it. `noise`: SD of the background.
    """
    random = np.random.default_rng(seed)
    border = 6  # voxels cut off after blurring
    count = int(np.ceil((diameter_mm + 2 * margin_mm) / SPACING)) // 2 * 2 + 1 + 2 * border
    fine = np.arange(count * FINE)
    centre = (count * FINE - 1) / 2 + random.uniform(-0.5, 0.5, 3) * FINE
    squares = [((fine - c) * SPACING / FINE) ** 2 for c in centre]
    inside = squares[0][:, None, None] + squares[1][:, None] + squares[2] <= (diameter_mm / 2) ** 2
    share = inside.reshape(count, FINE, count, FINE, count, FINE).mean(axis=(1, 3, 5))
    clean = 1 + (contrast - 1) * ndimage.gaussian_filter(share, FWHM / 2.3548 / SPACING)
    suv = clean + noise * np.sqrt(clean) * random.standard_normal(clean.shape)
    cut = slice(border, -border)
    return np.ascontiguousarray(suv[cut, cut, cut].astype(np.float32))


def run(suv, settings=None, voi=None):
    space = grid(suv.shape, (SPACING, SPACING, SPACING))
    return segment_flab(suv, space, np.ones(suv.shape, bool) if voi is None else voi, settings)


def volume_error(result, diameter_mm):
    return np.count_nonzero(result.mask) * SPACING**3 / (np.pi / 6 * diameter_mm**3) - 1


@pytest.mark.parametrize("noise", [0.05, 0.15])
@pytest.mark.parametrize("contrast", [4, 8])
@pytest.mark.parametrize(
    ("diameter_mm", "limit"), [(37, 0.05), (28, 0.05), (22, 0.05), (17, 0.10), (13, 0.20)]
)
def test_spheres_have_their_volume(diameter_mm, limit, contrast, noise):
    result = run(sphere(diameter_mm, contrast, noise, 11))
    assert abs(volume_error(result, diameter_mm)) <= limit
    assert result.warnings == ()
    assert result.means == pytest.approx((1.0, contrast), rel=0.12 if diameter_mm > 20 else 0.3)


@pytest.mark.parametrize("contrast", [4, 8])
def test_a_10_mm_sphere_is_outside_the_method_and_warns(contrast):
    result = run(sphere(10, contrast, 0.1, 1))
    assert volume_error(result, 10) > 0.2
    assert "small_lesion" in result.warnings


def test_a_wide_margin_warns():
    assert "wide_margin" in run(sphere(17, 8, 0.1, 1, 24.0)).warnings


def test_sampled_labels_repeat_within_four_percent_and_agree_with_the_deterministic_estimate():
    for diameter_mm in (17, 28):
        suv = sphere(diameter_mm, 4, 0.1, 2)
        volumes = [run(suv, FlabSettings(seed=seed)).mask.sum() for seed in range(6)]
        assert np.std(volumes, ddof=1) / np.mean(volumes) < 0.04
        assert np.mean(volumes) == pytest.approx(run(suv).mask.sum(), rel=0.02)


def test_the_same_seed_gives_the_same_voxels_and_no_seed_always_does():
    suv = sphere(17, 4, 0.1, 2)
    for settings in (FlabSettings(seed=7), FlabSettings()):
        assert np.array_equal(run(suv, settings).mask, run(suv, settings).mask)


def test_other_initial_values_lead_to_the_same_lesion():
    suv = sphere(22, 4, 0.1, 3)
    volumes = [
        run(suv, FlabSettings(means=(cold, hot), variances=(0.1, 0.4))).mask.sum()
        for cold in (0.7, 1.5)
        for hot in (3.0, 5.0)
    ]
    assert np.std(volumes) / np.mean(volumes) < 0.01


def slow_flab(suv, iterations):
    """Two classes, written once more voxel by voxel on a cube VOI."""
    shape = suv.shape
    y = suv.astype(np.float64).ravel()
    means, variances = k_means(y, 2)
    places = list(np.ndindex(shape))
    near = [
        [j for j, q in enumerate(places) if max(abs(a - b) for a, b in zip(p, q, strict=True)) <= 1]
        for p in places
    ]
    prior = np.full((len(y), 3), 1 / 3)

    def posterior():
        rows = np.zeros((len(y), 4))
        for k, e in enumerate((0.0, 1.0, 1 / 3, 2 / 3)):
            centre = (1 - e) * means[0] + e * means[1]
            spread = (1 - e) ** 2 * variances[0] + e**2 * variances[1]
            density = np.exp(-((y - centre) ** 2) / (2 * spread)) / np.sqrt(2 * np.pi * spread)
            rows[:, k] = density * (prior[:, k] if k < 2 else prior[:, 2] / 2)
        return rows / rows.sum(axis=1, keepdims=True)

    p = posterior()
    for _ in range(iterations):
        for k in range(2):
            means[k] = (p[:, k] * y).sum() / p[:, k].sum()
            variances[k] = (p[:, k] * (y - means[k]) ** 2).sum() / p[:, k].sum()
        shares = np.column_stack([p[:, 0], p[:, 1], p[:, 2] + p[:, 3]])
        prior = np.array([np.maximum(shares[indices].mean(axis=0), 1e-3) for indices in near])
        p = posterior()
    return np.isin(p.argmax(axis=1), (1, 3)).reshape(shape), means, variances


def test_it_agrees_with_a_slow_twin():
    random = np.random.default_rng(0)
    suv = np.where(ball((9, 10, 11), (4, 5, 5), 3.0), 5.0, 1.0)
    suv = (ndimage.gaussian_filter(suv, 1.0) + 0.3 * random.standard_normal(suv.shape)).astype(np.float32)
    wanted, means, variances = slow_flab(suv, 6)
    found = run(suv, FlabSettings(iterations=6))
    assert found.means == pytest.approx(means, rel=1e-9)
    assert found.variances == pytest.approx(variances, rel=1e-9)
    assert np.array_equal(found.mask, wanted)
    assert wanted.any()


def test_a_voi_of_any_shape_is_kept_to():
    suv = sphere(22, 8, 0.1, 4)
    middle = [(n - 1) / 2 for n in suv.shape]
    voi = ball(suv.shape, middle, 24.0, (SPACING,) * 3)
    cube = run(suv)
    round_voi = run(suv, voi=voi)
    assert not (round_voi.mask & ~voi).any()
    assert np.count_nonzero(round_voi.mask) == pytest.approx(np.count_nonzero(cube.mask), rel=0.03)
    with_neighbour = suv.copy()
    with_neighbour[:4, :4, :4] = 40.0  # hotter, but outside the VOI
    assert np.array_equal(run(with_neighbour, voi=voi).mask, round_voi.mask)


def test_three_classes_hold_a_lesion_of_two_uptakes():
    shape = (33, 33, 33)
    outer = ball(shape, (16, 16, 16), 18.0, (SPACING,) * 3)
    inner = ball(shape, (16, 16, 16), 10.0, (SPACING,) * 3)
    clean = ndimage.gaussian_filter(1 + 3.0 * outer + 8.0 * inner, 0.8)
    suv = (clean + 0.15 * np.random.default_rng(5).standard_normal(shape)).astype(np.float32)
    three = run(suv, FlabSettings(classes=3))
    assert three.means == pytest.approx((1, 4, 12), rel=0.1)
    assert np.count_nonzero(three.mask) == pytest.approx(outer.sum(), rel=0.07)
    assert np.count_nonzero(three.classes == 2) == pytest.approx(inner.sum(), rel=0.1)
    two = run(suv)
    assert np.count_nonzero(two.mask) < np.count_nonzero(three.mask)
    assert set(np.unique(two.classes)) == {0, 1}


def test_k_means_by_hand():
    means, variances = k_means(np.array([1.0, 1.0, 3.0, 9.0, 11.0]), 2)
    assert means == pytest.approx([5 / 3, 10])
    assert variances == pytest.approx([8 / 9, 1])


def test_what_cannot_be_divided_is_refused():
    suv = sphere(17, 4, 0.1, 2)
    few = np.zeros(suv.shape, bool)
    few[0, 0, :20] = True
    for image, voi, settings in (
        (suv, few, None),
        (np.ones_like(suv), None, None),
        (np.where(suv > 3, np.nan, suv), None, None),
        (suv, None, FlabSettings(classes=4)),
        (suv, None, FlabSettings(iterations=0)),
        (suv, None, FlabSettings(means=(1.0,))),
        (suv, None, FlabSettings(means=(4.0, 1.0))),
        (suv, None, FlabSettings(variances=(0.0, 1.0))),
    ):
        with pytest.raises(FlabFailed):
            run(image, settings, voi)
    with pytest.raises(GridMismatch):
        run(suv, voi=np.ones((2, 2, 2), bool))


def test_the_record_is_plain_json():
    record = run(sphere(17, 4, 0.1, 2), FlabSettings(seed=3)).to_json()
    assert json.loads(json.dumps(record, allow_nan=False))["settings"]["seed"] == 3
