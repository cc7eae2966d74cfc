"""Spec in, text out. Pure: no cloud, no subprocess, no clock, no randomness."""
