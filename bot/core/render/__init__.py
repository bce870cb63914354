"""What channels show or send of a message.

``webhook`` makes the JSON bodies. ``text`` and ``slack`` make what people read; both take their
words from ``lines``, so that an event reads the same everywhere.
"""
