"""Writes of this room, by subject: projects and patients, DICOM objects, volumes, SUV, imports."""
