"""Settings, URLs, WSGI, and the embedded PostgreSQL."""
