"""Checks of the controls on governance."""
