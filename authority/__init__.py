"""The data authority: which datasets exist, which versions were published, and which version is current."""
