"""Both engines and their peers over made-up graphs of growing size: the same queries, their answers compared."""
