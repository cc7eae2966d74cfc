"""What rendered DAGs run: operators that tell services what to do, and do none of the work themselves."""

from dags.files import runtime_files

RUNTIME = runtime_files()
"""The files of this package as they were just before the first of its operators was imported in this process."""
