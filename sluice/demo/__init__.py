"""`make demo`: the whole way from a spec to published data, and a page that says what happened."""
