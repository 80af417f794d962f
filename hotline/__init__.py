"""The core of the 12348 hotline: the link to Asterisk, calls, routing, tickets, services, pages."""

__version__ = "0.1.0"
