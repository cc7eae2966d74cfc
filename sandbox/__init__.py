"""The local cloud: stands in for AWS and StreamSets on one machine; production code does not know that it exists."""
