"""Plan, apply and what surrounds them: the only hand that changes an environment."""
