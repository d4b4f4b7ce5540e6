"""Import DICOM from folders, files and zip archives on this machine."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.errors import PetreviewError
from annotations.studies.models import ImportRun, Project
from annotations.studies.services import ImportProgress, claim_import, create_import_run, ensure_project
from petreview.pipeline import run_import


class Command(BaseCommand):
    help = "Import DICOM (PET, CT, RTSTRUCT, SEG, in any mix). What is not usable is refused by name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folder, file or zip archive")
        parser.add_argument("--project", default="Imported", help="project to import into; made when new")
        parser.add_argument(
            "--deidentify",
            choices=Project.Deidentification.values,
            help="of a new project: keep the files as they are (none, the default) or after PS3.15 (basic)",
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, paths: list[Path], project: str, **options: Any) -> None:
        missing = [str(path) for path in paths if not path.exists()]
        if missing:
            raise CommandError(f"There is no such file or folder: {', '.join(missing)}")
        try:
            target = ensure_project(name=project, deidentification=options["deidentify"])
            progress = claim_import(run=create_import_run(project=target))
        except PetreviewError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        assert progress is not None  # nobody else knows of this run
        progress.listener = _print_progress
        run = run_import(paths, progress=progress)
        self._print_report(run, as_json=options["json"])
        if run.state != ImportRun.State.DONE:
            raise CommandError(f"{run.error_code}: {run.error_message}")

    def _print_report(self, run: ImportRun, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(run.report, indent=2))
            return
        for study in run.report.get("studies", []):
            self.stdout.write(f"Study {study['study_instance_uid']}")
            for series in study["series"]:
                self.stdout.write("  " + _series_line(series))
            for segmentation in study["segmentations"]:
                for lesion in segmentation["lesions"]:
                    self.stdout.write(f"  {segmentation['label']}: {_lesion_line(lesion)}")
        if "deidentification" in run.report:
            self.stdout.write(_deidentification_line(run.report["deidentification"]))
        for refusal in run.report.get("refusals", []):
            self.stdout.write(f"Refused {refusal['file']}: {refusal['code']}: {refusal['message']}")


def _series_line(series: dict[str, Any]) -> str:
    shape = " x ".join(str(count) for count in series["shape_zyx"])
    spacing = " x ".join(f"{step:g}" for step in series["spacing_xyz_mm"])
    line = f"{series['modality']} {shape} (z, y, x), {spacing} mm (x, y, z), {series['unit']}"
    if series["modality"] != "PT":
        return line
    if series["suv_factor"] is None:
        return f"{line}, no valid SUV"
    return f"{line}, SUV factor {series['suv_factor']:.8g}, SUVmax {series['suv_max']:.3f}"


def _lesion_line(lesion: dict[str, Any]) -> str:
    line = f"{lesion['name']} {lesion['volume_ml']:.1f} mL"
    if lesion["suv_max"] is None:
        return line
    return f"{line}, SUVmax {lesion['suv_max']:.3f}, SUVmean {lesion['suv_mean']:.3f}"


def _deidentification_line(done: dict[str, Any]) -> str:
    counts = ", ".join(
        f"{len(done[action])} {action}" for action in ("removed", "emptied", "changed", "cleaned")
    )
    return f"De-identified {done['objects']} objects ({done['profile']}); attributes: {counts}"


def _print_progress(progress: ImportProgress) -> None:
    of = f" of {progress.total}" if progress.total else ""
    sys.stderr.write(f"{progress.stage}: {progress.done}{of} files\n")
