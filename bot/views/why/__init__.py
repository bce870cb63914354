"""Why something was told or not, and what another configuration would have told."""
