"""The Content-Security-Policy of every page: nothing from elsewhere, no inline script."""

from typing import Final

POLICY: Final = (
    "default-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
