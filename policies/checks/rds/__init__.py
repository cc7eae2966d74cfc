"""Checks of the controls on rds."""
