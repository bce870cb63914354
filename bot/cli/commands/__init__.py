"""The commands, a file each.

The file is named as the command, and so is the function that it runs; a command with others below
it is a Typer named ``group``. ``SECTION`` and ``PLACE`` say where ``--help`` lists it. Nothing
else has to know of a command.
"""
