"""Checks of the controls on glue."""
