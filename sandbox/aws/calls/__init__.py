"""Which permissions the requests to the local cloud need on AWS, recorded as they are answered."""
