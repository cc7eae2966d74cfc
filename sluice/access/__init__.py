"""What AWS would have said to the calls that the local cloud answered."""
