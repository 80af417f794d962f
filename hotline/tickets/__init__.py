"""Tickets (工单): what a call was about. A ticket is a case of the service ``ticket``.

Lists and single tickets are read with :mod:`hotline.casework` (``find``, ``CaseFilter``).
"""

from hotline.tickets.birth import CallFacts, open_for_call, open_for_calls

__all__ = ["CallFacts", "open_for_call", "open_for_calls"]
