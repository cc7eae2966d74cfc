"""Ending a tenant in an environment: drain, keep what must be kept, destroy the rest, prove that it is gone."""
