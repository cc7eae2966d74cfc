"""Checks of the controls on secrets."""
