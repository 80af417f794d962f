"""What may be done during a call: hold, transfer, consult, conference, emergency, listening in.

Pages ask through :func:`hotline.talks.orders.order`; the :class:`hotline.talks.desk.Desk` beside
the controller carries it out. See ``docs/talks.md``.
"""
