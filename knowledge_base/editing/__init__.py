"""Answer cards edited in the browser: drafts, legal review, versions, what is due or missing.

A published version overrides the shipped file of the same id. The database holds the truth; each
machine keeps the published cards as YAML files that read like the shipped ones.
"""
