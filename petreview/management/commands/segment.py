"""`manage.py segment STUDY --release NAME`: make a job, wait for it, print version 1."""

import contextlib
import json
import sys
import time
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.errors import PetreviewError
from annotations.segmentations.models import Version
from annotations.segmentations.selectors import current_measures
from annotations.studies.models import Study
from inference.jobs.models import Job
from inference.jobs.runner import run_job
from inference.jobs.services import request_job
from inference.releases.selectors import release_by_name

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 5.0
UNFINISHED = {Job.State.QUEUED, Job.State.RUNNING}
COLUMNS = ("volume_ml", "suv_max", "suv_peak_local", "suv_mean", "tlg")


class Command(BaseCommand):
    help = "Segment a study with a model release: makes a job, waits for it and prints the lesions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="STUDY", help="id, Study Instance UID or pseudonym")
        parser.add_argument("--release", required=True, help="name of a registered model release")
        parser.add_argument("--override-reason", default="", help="why to run it on another tracer")
        parser.add_argument(
            "--here", action="store_true", help="run the job in this process, not in a worker"
        )
        parser.add_argument("--json", action="store_true", help="print the version as JSON")

    def handle(self, *args: Any, study: str, release: str, here: bool, **options: Any) -> None:
        try:
            job, is_new = request_job(
                study=find_study(study),
                release=release_by_name(release),
                requested_by=None,
                override_reason=options["override_reason"],
            )
        except PetreviewError as error:
            raise CommandError(f"{error.code}: {error.message} {error.detail or ''}".strip()) from error
        self.say(f"job {job.pk}" + ("" if is_new else " (was under way already)"))
        if here and not run_job(job.pk):
            self.say("A worker has taken the job; waiting for it.")
        job = self.wait_for(job)
        if job.version is None:
            raise CommandError(f"job {job.state}: {job.error_code}: {job.error_message}")
        report = version_report(job, job.version)
        self.stdout.write(json.dumps(report, indent=2) if options["json"] else as_table(report))

    def wait_for(self, job: Job) -> Job:
        """Show each change on stderr until the job has ended."""
        began, shown, has_asked = time.monotonic(), "", False
        try:
            while job.state in UNFINISHED:
                line = f"{job.state} {job.stage} {job.progress:.0%} (attempt {job.attempts})"
                if line != shown:
                    self.say(line)
                shown = line
                if not has_asked and self.nobody_works(job, began):
                    self.say("No worker has taken the job. Start one with `manage.py worker`, or use --here.")
                    has_asked = True
                time.sleep(POLL_SECONDS)
                job.refresh_from_db()
        except KeyboardInterrupt as interrupt:
            raise CommandError(f"Stopped waiting; job {job.pk} goes on.") from interrupt
        return Job.objects.select_related("version", "release").get(pk=job.pk)

    def nobody_works(self, job: Job, began: float) -> bool:
        if job.state != Job.State.QUEUED or time.monotonic() - began < PATIENCE_SECONDS:
            return False
        return not Job.objects.filter(state=Job.State.RUNNING).exists()

    def say(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def find_study(text: str) -> Study:
    """By id, Study Instance UID or pseudonym. Raises CommandError when it is none or several."""
    studies = Study.objects.filter(study_instance_uid=text) | Study.objects.filter(patient__pseudonym=text)
    with contextlib.suppress(ValueError):
        studies |= Study.objects.filter(pk=uuid.UUID(text))
    found = list(studies.distinct()[:10])
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(f"There is no study {text!r}.")
    raise CommandError(f"{text!r} names several studies: {', '.join(str(study.pk) for study in found)}")


def version_report(job: Job, version: Version) -> dict[str, Any]:
    """The version with its lesion table; measures that are undefined are null."""
    measures = current_measures(version)
    return {
        "job": str(job.pk),
        "release": job.release.name,
        "version": str(version.pk),
        "segmentation": str(version.segmentation_id),
        "content_digest": version.labels_id,
        "version_digest": version.version_digest,
        "is_synthetic": version.segmentation.is_synthetic,
        "device": job.device,
        "peak_memory_mb": job.peak_memory_mb,
        "seconds": job.seconds,
        "summary": measures.summary,
        "lesions": [measures.lesions[str(lesion.label)] for lesion in version.lesions.all()],
    }


def as_table(report: dict[str, Any]) -> str:
    lines = ["Research use only." + (" Synthetic." if report["is_synthetic"] else "")]
    lines.append(f"version {report['version']}, {len(report['lesions'])} lesions")
    lines.append("label " + "".join(f"{name:>16}" for name in COLUMNS))
    for lesion in report["lesions"]:
        cells = (("-" if lesion[name] is None else f"{lesion[name]:.2f}") for name in COLUMNS)
        lines.append(f"{lesion['label']:5} " + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)
