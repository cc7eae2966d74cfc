"""Short-lived development clusters: a Pulumi program, judged as a plan before it starts, ended by the clock."""
