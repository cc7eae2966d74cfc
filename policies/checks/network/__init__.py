"""Checks of the controls on network."""
