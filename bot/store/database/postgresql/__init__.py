"""PostgreSQL: its addresses, its sessions, what a role may do."""
