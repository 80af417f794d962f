"""The open API (/api/v1): for the government portal, the 12345 line and other systems."""
