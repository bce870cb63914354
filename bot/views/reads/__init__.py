"""How views read what is stored: what names mean there, and what grows, by pages."""
