"""How good the graph is, computed: what the shapes found, what became of each table's rows, which names were merged.

What a query can tell (coverage, disagreements, candidates for merging) is among the stored questions.
"""
