"""How commands meet the terminal: output, failures, options, help, charts."""
