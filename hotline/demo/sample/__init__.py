"""A day at a county's hotline, made up: for screenshots, tests of pages, and looking around.

Everything is invented and repeats exactly for the same time and seed. No telephone is involved.
"""

from hotline.demo.sample.day import PASSWORD, fill

__all__ = ["PASSWORD", "fill"]
