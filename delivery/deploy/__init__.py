"""Deploying a release to an environment: what was planned, judged and approved is applied, and written down."""
