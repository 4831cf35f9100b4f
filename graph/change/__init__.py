"""Changes: a request that writes becomes the quads it adds and removes, is judged, and is published as a version."""
