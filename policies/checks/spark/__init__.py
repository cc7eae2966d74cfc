"""Checks of the controls on spark."""
