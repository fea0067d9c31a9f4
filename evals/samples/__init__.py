"""Our own sample documents: a fictional company, and questions about it."""
