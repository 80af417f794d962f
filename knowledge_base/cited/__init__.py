"""Which tickets and calls cite which article (引用关系), kept as they are written and scored."""
