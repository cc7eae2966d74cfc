"""Alembic migrations of the schema `authority`; the SQL of functions, triggers, views and roles is in `sql/`."""
