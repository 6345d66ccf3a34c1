"""The web: pages, the API, the command line and the worker. The only package that knows status codes."""
