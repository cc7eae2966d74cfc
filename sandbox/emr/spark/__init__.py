"""One step's spark-submit on one machine: arguments, settings, the `s3://` file system, a fast start."""
