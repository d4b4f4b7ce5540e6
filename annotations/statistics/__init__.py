"""Tests, models, agreement and figures of reader studies. No Django."""
