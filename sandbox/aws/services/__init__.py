"""What the gateway adds to single services of moto."""
