"""A local Airflow for MWAA's. Nothing here runs inside it but `run_dag.py`, which is started by path."""
