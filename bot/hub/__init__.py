"""The Hub's leaderboards: fetched within limits, parsed row by row.

``client`` asks for boards; ``exchange`` makes one guarded request, within ``budget``, and says
what failed by ``failures``; ``parse`` alone knows the names of the answer's fields, ``tasks``
those of an ``eval.yaml``, which ``document`` reads; ``library`` is what huggingface_hub is asked
for, ``tokens`` which token is sent.
"""
