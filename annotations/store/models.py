"""One row for each stored file, written only after the file lies under its final name (invariant 2)."""

from django.db import models


class Blob(models.Model):
    """`digest` is the sha256 of the canonical uncompressed content and names the file."""

    digest = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(
        max_length=20, help_text="dicom, voxels, labelmap, mip, probability, patch, upload"
    )
    encoding = models.CharField(max_length=8, choices=[("none", "none"), ("zstd", "zstd")])
    size_bytes = models.BigIntegerField(help_text="Uncompressed size in bytes.")
    stored_bytes = models.BigIntegerField(help_text="Size of the file on disk in bytes.")
    digest_suffix = models.BinaryField(
        default=b"",
        help_text="Bytes hashed after the content, such as the canonical geometry of a label map; "
        "kept so that verify_store can recompute the digest.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
