"""Sum the block up by product and lay the sums beside the general ledger."""
