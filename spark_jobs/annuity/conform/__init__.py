"""Take the source records over: typed, valid, deduplicated, referentially whole."""
