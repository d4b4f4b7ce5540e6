"""Masks against masks: voxel-wise and lesion-wise tables. No Django here."""
