"""Read the DAG folder in this process, as Airflow's DAG processor does, and tell what is in it as one JSON line.

Runs in Airflow's environment, by path; it must not import anything of Sluice. The line goes to the descriptor given as
the only argument, because Airflow's own log takes standard output.

    python read_dags.py DESCRIPTOR
"""

from __future__ import annotations

import json
import os
import sys

from airflow.dag_processing.dagbag import DagBag


def main(descriptor: str) -> None:
    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    found = {
        "dags": {dag_id: dag.fileloc for dag_id, dag in bag.dags.items()},
        "errors": {str(path): str(text) for path, text in bag.import_errors.items()},
    }
    with os.fdopen(int(descriptor), "w") as out:
        out.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
