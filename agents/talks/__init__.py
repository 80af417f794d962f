"""Pages' side of what may be done during a call: endpoints of the seat, the supervisor's desk.

They write orders (:mod:`hotline.talks.orders`); the controller carries them out.
"""
