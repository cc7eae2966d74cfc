"""AWS's own interface: moto, what completes it, accounts and what their roles may do."""
