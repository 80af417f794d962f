"""The hardened link to Asterisk's manager interface."""
