"""Checks of the controls on emr."""
