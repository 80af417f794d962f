"""The last day of a period (诉讼时效、仲裁时效、复议期限): rules from a file, reckoned purely."""

from agents.limitation.reckoning import URGENT_DAYS, Reckoned, reckon
from agents.limitation.rules import Kind, Rule, Rules, load

__all__ = ["URGENT_DAYS", "Kind", "Reckoned", "Rule", "Rules", "load", "reckon"]
