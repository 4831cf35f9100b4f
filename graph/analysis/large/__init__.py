"""Networks of hundreds of thousands of nodes: drawn from the columns into arrays, measured in bulk."""
