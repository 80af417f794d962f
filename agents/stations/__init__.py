"""The stations' own desk (乡镇站): inbox, queue, opening hours, the health of their line."""
