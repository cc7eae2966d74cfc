"""What people and machines see of a run: each form is one function from a GateResult to text, with no clock in it."""
