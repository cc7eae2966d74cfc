"""Checks of the controls on airflow."""
