"""What follows from the voxels of a read: differences by lesion, planted errors. numpy only, no database."""
