"""The fixed annuity block: conform the sources, value every policy, sum up and reconcile."""
