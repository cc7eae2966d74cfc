"""The local cloud: stands in for AWS and StreamSets on one machine; production code does not know that it exists.

`server` composes it, `lifecycle` starts and stops it. `aws` answers AWS's own interface; `emr` runs steps, `redshift`
SQL, `streamsets` pipelines, `airflow` DAGs; `source_systems` makes what upstream systems would deliver.
"""
