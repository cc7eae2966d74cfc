"""Speed and memory, measured: ratios in one run on one machine, never times asserted in a test."""
