"""What people ask of the data, as plain values: above the store, below every face that shows them.

A view prints nothing and opens its own short transactions: none is open when it gives a value back.
"""
