"""The Redshift Data API on PostgreSQL, with Redshift's SQL and types."""
