"""What a killed apply left behind: a lock, resources that no state knows, a start without an end."""
