"""The databases: tables, transactions, errors, migrations; nothing outside knows a dialect."""
