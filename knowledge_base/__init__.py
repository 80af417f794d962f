"""What the law says: statutes with versions, answer cards, citations, search."""
