"""One file for each group of verbs; each turns options into one call and its result into words."""
