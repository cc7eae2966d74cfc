"""Checks of the controls on streamsets."""
