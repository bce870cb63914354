"""The one way out: HTTP within a deadline and a size, over connections on which nothing is left.

``client`` asks, over the ``connections``, whose ``sockets`` keep the ``deadline`` and reach allowed
``addresses`` alone; ``endpoint`` is what all of a service's addresses lie below, ``environment``
has the proxies and certificates. ``body`` reads answers, ``retry_after`` the waits that they ask
for, ``excerpt`` what of them may be told. ``errors`` are what may be raised; ``failures`` makes
them of the libraries' own, which nobody else meets.
"""
