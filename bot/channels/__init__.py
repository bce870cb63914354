"""Where alerts go: Slack, signed webhooks, Apprise's services, the console.

A channel turns a receiver's answer into an ``Outcome`` and never raises. Vendors' libraries are
imported when they are first needed. No outcome holds an address, a token or a secret.
"""
