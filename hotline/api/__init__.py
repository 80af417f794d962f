"""The open API ``/api/v1``: what a portal, a mini-programme and the 12345 line connect to.

Operations are values (:class:`hotline.api.operations.Operation`): one list gives the routes, the
checks, the OpenAPI description and the readable page, so that these cannot tell different stories.
"""
