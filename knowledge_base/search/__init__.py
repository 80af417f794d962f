"""Search for lay questions, over statutes, answer cards, reviewed tickets and services.

``engine.Search`` is the reader's side; ``installed.InstalledSearch`` opens an installation's.
"""
