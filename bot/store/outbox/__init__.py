"""The outbox: what is to be sent, who sends it, and what people see of it."""
