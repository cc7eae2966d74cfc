"""Checks of the controls on cloudformation."""
