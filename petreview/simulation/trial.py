"""The synthetic trial from phantom to data lock. Phantoms and AI results that are there are used again."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from annotations.accounts.demo import DEMO_ACCOUNTS, ensure_demo_accounts
from annotations.accounts.models import Role, User
from annotations.accounts.services import create_user
from annotations.dicom.phantom_folder import write_phantom_folder
from annotations.imaging.phantom import Phantom, make_phantom
from annotations.imaging.phantom.model import Size
from annotations.reads.models import ReaderStudy
from annotations.segmentations.models import ProducerKind, Version
from annotations.segmentations.services import create_segmentation
from annotations.studies.models import ImportRun, Project, Study
from annotations.studies.selectors import current_suv_revision, default_pet_volume, volume_grid
from annotations.studies.services import claim_import, create_import_run, ensure_project, import_attributes
from inference.jobs.models import Job
from inference.jobs.runner import run_job
from inference.jobs.services import request_job
from inference.releases.models import ModelRelease
from inference.releases.services import register_release
from petreview.demo import RELEASE_FOLDER, RELEASE_NAME
from petreview.pipeline import run_import
from petreview.simulation.clock import SimulatedClock
from petreview.simulation.decisions import find_liver
from petreview.simulation.people import Person
from petreview.simulation.reader import CaseTruth, ScriptedReader

PROJECT = "Synthetic trial (phantoms)"
TRUTH = "phantom truth"
MOST_CASES_A_DAY = 8
# Far from the seeds of the demo and of the demo model's training (MODEL_CARD.md beside it).
FIRST_SEED = 20_000
SEEDS_A_TRIAL = 1_000

Say = Callable[[str], None]


@dataclass(frozen=True)
class TrialSize:
    """The first paper's numbers by default: 41 patients and 10 negative controls, times of 10."""

    cases: int = 41
    controls: int = 10
    readers: int = 2
    timing_subgroup: int = 10
    training: int = 1
    repeats: int = 2
    phantom: Size = "small"


@dataclass(frozen=True)
class TrialCase:
    study: Study
    truth: CaseTruth
    reference: Version
    is_control: bool


def run_trial(seed: int, size: TrialSize, say: Say) -> ReaderStudy:
    """Make, read and lock the trial of `seed`. Demo settings only: the caller checks that.

    Data are made and AI jobs are run in real time; reading happens in the time of the simulation.
    """
    ensure_demo_accounts()
    project = ensure_project(name=PROJECT)
    project.data_managers.add(_account("manager"))
    cases = [_make_case(project, one, size, say) for one in _seeds(seed, size)]
    release = register_release(name=RELEASE_NAME, folder=RELEASE_FOLDER, registered_by=_account("admin"))
    for number, case in enumerate(cases, start=1):
        say(f"AI result {number} of {len(cases)}")
        _segment(case.study, release)
    _import_attributes(project, cases, seed)
    clock = SimulatedClock(datetime(2030, 1, 7, 8, tzinfo=UTC))
    with clock.rules():
        coordinator = Person(_account("coordinator"))
        coordinator.sign_in()
        readers = [ScriptedReader(_reader(number), clock, seed) for number in range(1, size.readers + 1)]
        study = _design_and_lock(coordinator, project, cases, readers, release, seed, size)
        say(f"The plan of {study!r} is locked; reading begins.")
        _read_all(readers, clock, {str(_pet(case).pk): case.truth for case in cases}, say)
        clock.advance(3600)
        coordinator.sign_in()
        signature = {
            "password": _password("coordinator"),
            "meaning": "End of the synthetic trial",
            "zone": "UTC",
        }
        coordinator.post(f"reader-studies/{study}/data-lock/", signature)
    return ReaderStudy.objects.get(pk=study)


def _seeds(seed: int, size: TrialSize) -> list[tuple[int, bool]]:
    """(phantom seed, negative control): training cases first, then the others."""
    first = FIRST_SEED + seed * SEEDS_A_TRIAL
    patients = size.training + size.cases
    return [(first + number, number >= patients) for number in range(patients + size.controls)]


# --- data ---------------------------------------------------------------------------------------


def _make_case(project: Project, which: tuple[int, bool], size: TrialSize, say: Say) -> TrialCase:
    seed, negative = which
    say(f"phantom {seed}{' (negative control)' if negative else ''}")
    phantom = case_phantom(seed, size.phantom, negative)
    study = _import(project, phantom)
    volume = default_pet_volume(study)
    assert volume is not None  # a phantom has one PET
    grid = volume_grid(volume)
    if grid.shape_zyx != phantom.pet_grid.shape_zyx or not np.allclose(
        grid.origin_xyz_mm, phantom.pet_grid.origin_xyz_mm, atol=1e-3
    ):
        raise RuntimeError("The phantom came back on another grid than it was made on.")
    reference = Version.objects.filter(segmentation__volume=volume, segmentation__title=TRUTH).first()
    if reference is None:
        reference = create_segmentation(
            volume=volume,
            title=TRUTH,
            labels=phantom.truth,
            suv_revision=current_suv_revision(volume),
            producer_kind=ProducerKind.REFERENCE,
            producer_name=TRUTH,
            tool="phantom",
            source=ProducerKind.REFERENCE,
            is_synthetic=True,
        )
    dx, dy, dz = grid.spacing_xyz_mm
    liver = grid.index_to_world(find_liver(phantom.pet_suv, (dz, dy, dx)))
    x, y, z = (float(value) for value in liver)
    truth = CaseTruth(phantom.truth, grid, volume.grid_digest, (x, y, z))
    return TrialCase(study, truth, reference, negative)


def case_phantom(seed: int, size: Size, negative: bool) -> Phantom:
    """A patient of the trial has tumour: a seed that draws no lesion is passed over for one further on."""
    phantom = make_phantom(seed, size, negative)
    while not negative and not phantom.lesions:
        seed += SEEDS_A_TRIAL // 2
        phantom = make_phantom(seed, size, negative)
    return phantom


def _import(project: Project, phantom: Phantom) -> Study:
    """Through the real import; the same phantom again is the same study."""
    with tempfile.TemporaryDirectory(prefix="petreview-trial-") as folder:
        write_phantom_folder(phantom, Path(folder))
        progress = claim_import(run=create_import_run(project=project, started_by=_account("manager")))
        assert progress is not None  # nobody else knows of this run
        run = run_import([Path(folder) / "PT", Path(folder) / "CT"], progress=progress)
    if run.state != ImportRun.State.DONE:
        raise RuntimeError(f"A phantom was not imported: {run.error_message} {run.report}")
    return Study.objects.get(
        project=project, study_instance_uid=run.report["studies"][0]["study_instance_uid"]
    )


def _segment(study: Study, release: ModelRelease) -> None:
    if Job.objects.filter(release=release, volume__series__study=study, state=Job.State.SUCCEEDED).exists():
        return
    job, _ = request_job(study=study, release=release, requested_by=_account("manager"))
    run_job(job.pk)
    job.refresh_from_db()
    if job.state != Job.State.SUCCEEDED:
        raise RuntimeError(f"The AI job ended as {job.state}: {job.error_code} {job.error_message}")


def _import_attributes(project: Project, cases: Sequence[TrialCase], seed: int) -> None:
    """Clinical attributes, made up: so that demographics and subgroups have something to show."""
    random = np.random.default_rng([seed, 3])
    lines = ["pseudonym,who_grade,ki67_percent,primary_site,centre"]
    for case in cases:
        grade = int(random.choice([1, 2, 3], p=[0.4, 0.5, 0.1]))
        ki67 = {1: random.uniform(1, 3), 2: random.uniform(3, 20), 3: random.uniform(21, 60)}[grade]
        site = random.choice(["small intestine", "pancreas", "unknown", "lung"], p=[0.5, 0.25, 0.15, 0.1])
        lines.append(
            f"{case.study.patient.pseudonym},{grade},{ki67:.0f},{site},synthetic {random.integers(1, 3)}"
        )
    import_attributes(project=project, content="\n".join(lines).encode(), imported_by=_account("manager"))


# --- people -------------------------------------------------------------------------------------


def _account(username: str) -> User:
    return User.objects.get(username=username)


def _password(username: str) -> str:
    return next(account.password for account in DEMO_ACCOUNTS if account.username == username)


def _reader(number: int) -> User:
    username = f"synthetic-reader-{number}"
    found = User.objects.filter(username=username).first()
    return found or create_user(
        by=None,
        username=username,
        password=_password("reader"),
        roles=[Role.READER.value],
        first_name="Synthetic",
        last_name=f"Reader {number}",
        is_demo=True,
    )


# --- the reader study ---------------------------------------------------------------------------


def _design_and_lock(
    coordinator: Person,
    project: Project,
    cases: Sequence[TrialCase],
    readers: Sequence[ScriptedReader],
    release: ModelRelease,
    seed: int,
    size: TrialSize,
) -> str:
    """The crossover of the timing subgroup, AI review of the rest; one AI result has planted errors."""
    name = _free_name(project, f"Synthetic trial {seed}")
    study = coordinator.post("reader-studies/", {"project": str(project.pk), "name": name, "design": {}})[
        "id"
    ]
    plan = f"reader-studies/{study}/plan/"
    rows = [_case_row(case, is_training=number < size.training) for number, case in enumerate(cases)]
    planted = _plant(coordinator, study, cases[size.training])
    rows[size.training]["starts"] = {"ai": planted}
    design = {
        "cases": rows,
        "readers": [reader.user.pk for reader in readers],
        "arms": [
            _arm("ai", "AI result, corrected", "ai", release),
            _arm("semi", "Semi-automatic", "semi_automatic"),
        ],
        "allocation": {
            "kind": "crossover",
            "seed": seed,
            "order": "fixed",
            "crossover_cases": "timing_subgroup",
            "strata": {"by": "ttv", "of": "reference", "split": "median", "thresholds": []},
        },
        "timing_subgroup": min(size.timing_subgroup, size.cases),
        "repeats": {"cases": size.repeats, "arm": "ai"},
        "masked": ["others", "past_times", "release", "derived"],
        "analysis": {
            "hypothesis": "Correcting the AI result takes less time than the semi-automatic method.",
            "primary_endpoint": "active_s",
            "estimand": "Ratio of geometric mean active times, AI over semi-automatic, per case.",
        },
    }
    revision = coordinator.get(plan)["revision"]
    coordinator.patch(plan, {"revision": revision, "design": design})
    preview = coordinator.get(f"reader-studies/{study}/preview/")
    signature = {
        "password": _password("coordinator"),
        "meaning": "Plan of a synthetic trial",
        "zone": "UTC",
        "allocation_digest": preview["allocation_digest"],
    }
    coordinator.post(f"reader-studies/{study}/lock/", signature)
    return str(study)


def _free_name(project: Project, name: str) -> str:
    """A trial that was begun before keeps its name; this one gets a number behind it."""
    taken = set(ReaderStudy.objects.filter(project=project).values_list("name", flat=True))
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _case_row(case: TrialCase, *, is_training: bool) -> dict[str, Any]:
    role = "training" if is_training else "main"
    return {"study": str(case.study.pk), "reference": str(case.reference.pk), "role": role, "starts": {}}


def _arm(key: str, title: str, start: str, release: ModelRelease | None = None) -> dict[str, Any]:
    named = {"release_name": release.name, "release_fingerprint": release.fingerprint} if release else {}
    return {"key": key, "title": title, "start": start, "source": "release", "tools": None, **named}


def _plant(coordinator: Person, study: str, case: TrialCase) -> str:
    versions = Version.objects.filter(segmentation__volume=_pet(case), producer_kind=ProducerKind.MODEL)
    asked = {"version": str(versions.get(number=1).pk), "seed": 1, "added": 1, "removed": 1, "truncated": 0}
    return str(coordinator.post(f"reader-studies/{study}/planted/", asked)["version"])


def _pet(case: TrialCase) -> Any:
    volume = default_pet_volume(case.study)
    assert volume is not None
    return volume


def _read_all(
    readers: Sequence[ScriptedReader], clock: SimulatedClock, truths: dict[str, CaseTruth], say: Say
) -> None:
    """Day by day, each reader up to eight cases, until nobody has one left."""
    while True:
        read_today = 0
        for reader in readers:
            reader.sign_in()
            for _ in range(MOST_CASES_A_DAY):
                item = reader.next_item()
                if item is None:
                    break
                reader.read_case(item, truths)
                read_today += 1
                clock.advance(60)
        say(f"{clock.now():%Y-%m-%d}: {read_today} reads")
        if read_today == 0:
            waits = [moment for reader in readers if (moment := reader.opens_at()) is not None]
            if not waits:
                return
            clock.wait_until(min(waits) + timedelta(minutes=1))
        else:
            clock.next_morning()
