"""Checks of the controls on s3."""
