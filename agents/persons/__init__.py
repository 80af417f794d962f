"""One person, one file (人员档案) across channels; merged with care, and undone as easily."""
