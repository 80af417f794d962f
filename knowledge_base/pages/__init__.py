"""The staff's pages of the knowledge base."""
