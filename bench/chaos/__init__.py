"""Whole runs under kills, errors and failing disks."""
