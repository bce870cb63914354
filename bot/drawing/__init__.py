"""Drawings in SVG, made of plain values: they need no browser, no library and no script."""
