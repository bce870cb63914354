"""leaderboard-bot: tells you when a Hugging Face benchmark's leaderboard changes.

Data goes one way: a tick asks ``poll`` to fetch a board from the Hub, ``core.diff`` works out
what happened since the stored snapshot, ``core.alerts`` decides whom to tell, and one transaction
stores the new snapshot, its events and the deliveries they cause. A second tick asks ``deliver``
to claim due deliveries, hand them to their channels and record each outcome. The two halves meet
only in the outbox table, so a crash repeats work but never loses an alert.
"""

__version__ = "0.1.0"
