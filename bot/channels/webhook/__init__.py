"""Signed webhooks, as Standard Webhooks 1.0 has them."""
