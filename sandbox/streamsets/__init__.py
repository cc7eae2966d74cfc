"""A stand-in for StreamSets Data Collector: its REST API, pipelines and runs."""
