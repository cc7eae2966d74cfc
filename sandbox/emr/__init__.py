"""EMR that really runs its steps."""
