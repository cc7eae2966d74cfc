"""Checks of the controls on redshift."""
