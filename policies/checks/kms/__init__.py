"""Checks of the controls on kms."""
