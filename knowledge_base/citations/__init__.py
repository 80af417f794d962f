"""One parser of citations, for written text and for recognised speech, and its inverse."""

from knowledge_base.citations.names import LawNames, default_names
from knowledge_base.citations.parser import Citation, parse, parse_one
from knowledge_base.citations.render import Style, render

__all__ = ["Citation", "LawNames", "Style", "default_names", "parse", "parse_one", "render"]
