"""SHACL at size: what surely conforms is told by SQL over the columns; what may not is judged by pySHACL.

Every component of a shape (https://www.w3.org/TR/shacl/#core-components) bounds the nodes that break it from both
sides. A component that is not known here bounds nothing: all focus nodes of its shape are then judged.
"""
