"""Checks of the controls on jenkins."""
