"""Tickets (工单): what a call was about. A ticket is a case of the service ``ticket``.

A :class:`TicketDesk` opens and moves them as calls go; the functions ``open_for_call`` and
``open_for_calls`` use one of the installation's own configuration. People act on tickets with
:class:`hotline.casework.Desk`; lists are read with :func:`hotline.casework.find`.
"""

from hotline.tickets.birth import CallFacts
from hotline.tickets.calls import TicketDesk, mend, open_for_call, open_for_calls, shipped

__all__ = ["CallFacts", "TicketDesk", "mend", "open_for_call", "open_for_calls", "shipped"]
