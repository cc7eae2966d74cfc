"""Releases: what one is made of, how it is bundled to the byte, and who vouches for it."""
