"""The Hub's leaderboards: fetched within limits, parsed row by row.

``client`` asks for boards; ``exchange`` makes one guarded request, within ``budget``, and says
what failed by ``failures``; ``rows`` and ``parse`` alone know the names of the answer's
fields, ``tasks`` those of an ``eval.yaml``, which ``yaml_text`` reads; ``huggingface`` is what the
library of that name is asked for, ``tokens`` which token is sent.
"""
