"""The Hub's leaderboards: fetched within limits, parsed row by row.

``client`` is the port's implementation; ``exchange`` makes one guarded request, over the sockets
of ``network``, through ``body``, ``limits`` and ``failures``; ``parse`` alone knows the names of
the answer's fields, ``tasks`` those of an ``eval.yaml``, which ``document`` reads; ``library`` is
what huggingface_hub is asked for, ``tokens`` which token is sent.
"""
