"""The workflow engine that runs every service from data."""
