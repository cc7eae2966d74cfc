"""Checks of the controls on iam."""
