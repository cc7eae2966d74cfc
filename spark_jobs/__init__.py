"""Spark applications: what runs on the clusters. Each job is job.py (I/O only) beside transform.py (pure)."""
